using System.Globalization;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary>What the kernel has counted of a process so far, from <c>/proc</c>.</summary>
/// <param name="CpuSeconds">User and system time of all its threads.</param>
/// <param name="PeakMegabytes">The most memory that was resident at once.</param>
internal readonly record struct ProcessUsage(double CpuSeconds, double PeakMegabytes)
{
    private const double TicksPerSecond = 100;
    private const int UserTime = 11;
    private const int SystemTime = 12;

    /// <summary>Null once the process has ended.</summary>
    public static ProcessUsage? Of(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");

            // The program's name, in parentheses, may hold anything.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            string? peak = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return peak is null ? null : new ProcessUsage(
                (Number(fields[UserTime]) + Number(fields[SystemTime])) / TicksPerSecond,
                Number(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1_024);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
