use std::sync::LazyLock;
static P: LazyLock<Vec<(String,f32)>> = LazyLock::new(|| std::env::var("P").unwrap_or_default().split(',').filter_map(|s| { let (a,b)=s.split_once('=')?; Some((a.to_string(), b.parse().ok()?)) }).collect());
pub fn par(n:&str, d:f32)->f32 { P.iter().find(|p| p.0==n).map_or(d, |p| p.1) }
