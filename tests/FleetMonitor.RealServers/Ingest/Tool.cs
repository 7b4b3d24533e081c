using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>The built <c>fleetmonitor</c>, run as users run it.</summary>
internal static class Tool
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static string Binary { get; } = Path.Combine(AppContext.BaseDirectory, "fleetmonitor");

    public static ChildProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProcess.Start(Binary, arguments, environment);

    /// <summary>
    /// The same, for what is ended as Ctrl-C does. A shell that runs tests in the background has that signal ignored, by them and by all that they start;
    /// this one hears it again.
    /// </summary>
    public static ChildProcess StartInterruptible(IEnumerable<string> arguments) =>
        ChildProcess.Start("env", [$"--default-signal={ChildProcess.SigInt}", Binary, .. arguments]);

    public static Task<ChildResult> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProcess.RunAsync(Binary, arguments, Patience, environment);
}
