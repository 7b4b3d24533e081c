using System.Runtime.InteropServices;

namespace FleetMonitor.Benchmarks;

/// <summary>How this program is run again, as another process.</summary>
internal static class Self
{
    private static readonly string Library = Path.Combine(AppContext.BaseDirectory, "FleetMonitor.Benchmarks.dll");
    private static readonly string Dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    public static (string Program, IReadOnlyList<string> Arguments) Command => (Dotnet, [Library]);

    /// <summary>With the service's own runtime settings, garbage collector among them: what is measured in it is what the service would take.</summary>
    public static (string Program, IReadOnlyList<string> Arguments) CommandAsService =>
        (Dotnet, ["exec", "--runtimeconfig", Path.Combine(AppContext.BaseDirectory, "fleetmonitor.runtimeconfig.json"), Library]);
}
