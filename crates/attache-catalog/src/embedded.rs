//! The files that come with the program, in the order in which they are shown.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Name and text of each file in `catalog/`.
        pub(super) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../catalog/", $name)))),*];
    };
}

files![
    "ec2_vpc.toml",
    "ec2_subnet.toml",
    "ec2_instance.toml",
    "rds_db.toml",
    "elb_loadbalancer.toml",
    "elb_targetgroup.toml",
    "sqs_queue.toml",
    "lambda_function.toml",
    "dynamodb_table.toml",
    "s3_bucket.toml",
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_of_the_folder_comes_with_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name.ends_with(".toml"))
            .collect();
        found.sort();
        let mut own: Vec<&str> = super::FILES.iter().map(|(name, _)| *name).collect();
        own.sort_unstable();
        assert_eq!(found, own);
    }
}
