//! One home for the SDK's configuration: endpoint, region, HTTP client and what a profile says of
//! them.

use std::pin::Pin;
use std::sync::Arc;

use attache_identifiers::Region;
use aws_config::identity::IdentityCache;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::Env;
use aws_types::region::Region as SdkRegion;
use tokio::sync::OnceCell;

use crate::http::{BadCertificates, HttpSettings};

/// AWS's: the region of IAM's own endpoint in the commercial partition.
const FALLBACK_REGION: &str = "us-east-1";

/// What all accounts share.
#[derive(Debug)]
pub(crate) struct Context {
    http: HttpSettings,
    /// One pool of connections for all.
    client: SharedHttpClient,
    /// The endpoint of IAM and STS instead of AWS's.
    endpoint_url: Option<String>,
    /// The region where neither the environment nor the profile has one.
    home: Option<Region>,
}

impl Context {
    pub(crate) fn new(
        http: HttpSettings,
        endpoint_url: Option<String>,
        home: Option<Region>,
    ) -> Arc<Self> {
        let client = http.client();
        Arc::new(Self { http, client, endpoint_url, home })
    }
}

impl Context {
    /// The same with other certificate authorities.
    pub(crate) fn with_bundle(&self, pem: &[u8]) -> Result<Arc<Self>, BadCertificates> {
        let http = self.http.or_bundle(pem)?;
        Ok(Self::new(http, self.endpoint_url.clone(), self.home.clone()))
    }
}

/// How AWS is reached as one profile says, made when it is first needed.
#[derive(Debug)]
pub(crate) struct Settings {
    context: Arc<Context>,
    /// A config file with this profile alone, as `default`, and without its keys. The SDK keeps a
    /// copy of the files for each configuration: of whole files that is quadratic.
    text: String,
    region: SdkRegion,
    config: OnceCell<SdkConfig>,
}

impl Settings {
    pub(crate) fn new(context: Arc<Context>, text: String, region: Option<&str>) -> Self {
        let env = Env::real();
        let variable = |name| env.get(name).ok().filter(|region| !region.is_empty());
        let region = variable("AWS_REGION")
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .or_else(|| region.map(str::to_owned))
            .or_else(|| context.home.as_ref().map(ToString::to_string))
            .unwrap_or_else(|| FALLBACK_REGION.to_owned());
        Self { context, text, region: SdkRegion::new(region), config: OnceCell::new() }
    }

    /// The region, if it has a region's shape.
    pub(crate) fn region(&self) -> Option<Region> {
        Region::parse(self.region.as_ref()).ok()
    }

    /// The SDK's configuration, without credentials.
    pub(crate) async fn config(&self) -> &SdkConfig {
        self.config.get_or_init(|| self.load()).await
    }

    /// In a box, else each of the futures that wait for it compiles the SDK's large one again.
    fn load(&self) -> Pin<Box<dyn Future<Output = SdkConfig> + Send>> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .profile_files(self.files())
            .profile_name("default")
            .region(self.region.clone())
            .http_client(self.context.client.clone())
            // Credentials are kept by their provider: the SDK's cache holds those of 64.
            .identity_cache(IdentityCache::no_cache())
            .no_credentials();
        if let Some(url) = &self.context.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        Box::pin(loader.load())
    }

    pub(crate) fn files(&self) -> EnvConfigFiles {
        EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, &self.text).build()
    }

    /// For the SDK's own providers. An endpoint that was given for IAM and STS is not theirs.
    pub(crate) fn provider_config(&self) -> ProviderConfig {
        self.provider_config_with(self.context.client.clone())
    }

    /// For the credentials endpoint of a container, which is beside it.
    pub(crate) fn provider_config_without_proxy(&self) -> ProviderConfig {
        self.provider_config_with(self.context.http.without_proxy().client())
    }

    fn provider_config_with(&self, client: SharedHttpClient) -> ProviderConfig {
        ProviderConfig::without_region()
            .with_region(Some(self.region.clone()))
            .with_behavior_version(Some(BehaviorVersion::latest()))
            .with_http_client(client)
    }
}
