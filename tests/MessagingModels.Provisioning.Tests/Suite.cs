using System.Runtime.Versioning;
using Xunit.Sdk;
using Xunit.v3;

// Brokers take the whole machine while they start: several at once would only make each slower.
[assembly: Parallelization(Mode = ParallelMode.None)]

// The tests look at processes by /proc and write shell scripts, as local processes are watched over by a shell.
[assembly: UnsupportedOSPlatform("windows")]
