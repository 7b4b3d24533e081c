using Xunit;

namespace FleetMonitor.RealServers.Servers;

/// <summary>
/// A test that needs other programs. Without them it is skipped, visibly; with <c>FLEETMONITOR_REQUIRE_SERVERS=1</c> it runs all the same and
/// fails, so that a build machine cannot lose them unnoticed.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealServerFactAttribute : FactAttribute
{
    private const string RequireVariable = "FLEETMONITOR_REQUIRE_SERVERS";

    public RealServerFactAttribute(params string[] programs)
    {
        string[] missing = [.. programs.Where(program => Programs.Find(program) is null)];
        if (missing.Length > 0 && Environment.GetEnvironmentVariable(RequireVariable) != "1")
        {
            Skip = $"not installed here: {string.Join(", ", missing)}";
        }
    }
}
