//! Processes of a benchmark, each on a core of its own.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// Of a second of processor time, as Linux counts it in `/proc`.
const TICKS: f64 = 100.0;

/// A process, most often of this program, that does one thing on one core.
pub(crate) struct Part {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Part {
    pub(crate) fn start(core: &str, arguments: &[&str]) -> Self {
        let program = env::current_exe().expect("a program knows where it is");
        Self::of(&program, core, arguments)
    }

    /// The same of another program.
    pub(crate) fn of(program: &Path, core: &str, arguments: &[&str]) -> Self {
        let pinned = Command::new("taskset").arg("--version").output().is_ok();
        let mut command = if pinned {
            let mut command = Command::new("taskset");
            command.args(["--cpu-list", core]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let mut child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process can be started");
        let input = child.stdin.take().expect("its input is a pipe");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        Self { child, input, output }
    }

    /// The next line that it prints; empty at its end.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("its output can be read");
        line.trim_end().to_owned()
    }

    /// Seconds that it has kept a processor busy; 0 where the system does not say so in `/proc`.
    pub(crate) fn processor_time(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks: f64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum();
        ticks / TICKS
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn ask(&mut self, question: &str) -> String {
        writeln!(self.input, "{question}").expect("it reads its input");
        self.line()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It has nothing to lose: what it made is in a temporary folder.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
