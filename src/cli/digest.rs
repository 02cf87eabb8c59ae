//! `digest`: the owner's mail of the day as it would be now. Prints it; sends and announces nothing.

use super::{Cli, Exit, open, screen};
use crate::letter::Rendered;
use crate::report::digest::render;
use anyhow::Result;
use serde_json::json;

#[derive(clap::Args)]
pub struct Args {
    /// In which form
    #[arg(long, value_enum, default_value_t = Preview::Text)]
    preview: Preview,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Preview {
    Text,
    Html,
}

pub fn digest(cli: &Cli, args: &Args) -> Result<Exit> {
    for config in open::load_all(cli)? {
        let name = config.name.clone();
        match open::look(config)? {
            Some(house) => print(cli, args, &name, &render(&house.digest(house.today())?)?)?,
            None => eprintln!("aanmaand: {name}: no pass was made yet; `aanmaand run --once` makes one"),
        }
    }
    Ok(Exit::Done)
}

fn print(cli: &Cli, args: &Args, name: &str, digest: &Rendered) -> Result<()> {
    if cli.json {
        let (subject, text, html) = (&digest.subject, &digest.text, &digest.html);
        return screen::line(json!({ "administration": name, "subject": subject, "text": text, "html": html }));
    }
    match args.preview {
        Preview::Text => screen::line(format!("{}\n\n{}", digest.subject, digest.text.trim_end())),
        Preview::Html => screen::line(digest.html.trim_end()),
    }
}
