using System.Globalization;

namespace FleetMonitor;

/// <summary>
/// What a test counted, for the table of promises in the README: with <c>FLEETMONITOR_COUNTS</c> naming a directory, a file for each test with a
/// line <c>what=number</c> for each count. <c>tests/promises.sh</c> makes the table of them.
/// </summary>
internal static class Counts
{
    private const string Variable = "FLEETMONITOR_COUNTS";

    public static void Write(string test, params (string What, long Count)[] counts)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
            File.WriteAllLines(
                Path.Combine(directory, test), counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.What}={count.Count}")));
        }
    }
}
