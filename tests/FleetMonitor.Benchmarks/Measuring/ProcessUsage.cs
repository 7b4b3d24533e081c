using System.Globalization;

namespace FleetMonitor.Benchmarks.Measuring;

/// <summary>What the kernel has counted of a process so far, from <c>/proc</c>.</summary>
/// <param name="CpuSeconds">User and system time of all its threads.</param>
/// <param name="ResidentMegabytes">Memory that is resident now.</param>
/// <param name="PeakMegabytes">The most memory that was resident at once.</param>
internal readonly record struct ProcessUsage(double CpuSeconds, double ResidentMegabytes, double PeakMegabytes)
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
            string[] status = File.ReadAllLines($"/proc/{process}/status");
            return Find(status, "VmHWM:") is { } peak && Find(status, "VmRSS:") is { } resident
                ? new ProcessUsage((Number(fields[UserTime]) + Number(fields[SystemTime])) / TicksPerSecond, resident / 1_024, peak / 1_024)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <exception cref="InvalidOperationException">The process has ended.</exception>
    public static ProcessUsage Living(int process) => Of(process) ?? throw new InvalidOperationException($"Process {process} has ended.");

    /// <summary>Bytes that a process had the kernel write to disks.</summary>
    public static double WrittenBytes(int process) => Find(File.ReadAllLines($"/proc/{process}/io"), "write_bytes:")!.Value;

    private static double? Find(string[] lines, string name) =>
        lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? Number(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1])
            : null;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
