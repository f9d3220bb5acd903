//! Regions as people write them, with what was probably meant.

use attache_identifiers::Region;

/// What AWS's and Causely's documents print where a reader is to put a region.
const PLACEHOLDER: &str = "region-code";

/// Why a text is not a region.
pub(crate) struct NotARegion {
    /// `found ...`. Of the text itself it repeats only what all but spells a known region.
    pub(crate) found: String,
    /// What to write.
    pub(crate) help: String,
    /// Whether the text may be shown at its position.
    pub(crate) harmless: bool,
}

/// Reads a region.
pub(crate) fn parse(text: &str) -> Result<Region, NotARegion> {
    if text == PLACEHOLDER {
        return Err(NotARegion {
            found: format!("found the document's placeholder `{PLACEHOLDER}`"),
            help: "put the region to scrape there, such as us-east-1".to_owned(),
            harmless: true,
        });
    }
    Region::parse(text).map_err(|_| match nearest(text) {
        Some(near) => NotARegion {
            found: format!("found `{text}`"),
            help: format!("did you mean `{near}`?"),
            harmless: true,
        },
        None => {
            let (what, more) = super::content::described(text);
            NotARegion {
                found: format!("found {what}"),
                help: more
                    .unwrap_or("put the region to scrape there, such as us-east-1")
                    .to_owned(),
                harmless: false,
            }
        }
    })
}

/// The known region that a text which is not one all but spells: `us_east_1`, `US-EAST-1`, and
/// `us-east-1a`, which is an availability zone.
fn nearest(text: &str) -> Option<&'static str> {
    /// Ours: no region is as long.
    const LONGEST: usize = 32;
    if text.len() > LONGEST || text.contains(char::is_whitespace) {
        return None;
    }
    let letters = crate::suggestion::letters(text);
    let distance =
        |region: &str| strsim::osa_distance(&letters, &crate::suggestion::letters(region));
    let near = Region::known().map(|(region, _)| (distance(region), region)).min();
    near.filter(|(distance, _)| *distance <= 1).map(|(_, region)| region)
}
