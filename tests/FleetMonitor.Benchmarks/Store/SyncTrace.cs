using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.Store;

/// <summary>Counts the syncs that a program asks for: strace writes a line for each into a file.</summary>
internal sealed class SyncTrace : IAsyncDisposable
{
    public const string Program = "strace";

    private readonly string _file;

    public SyncTrace(string folder) => _file = Path.Combine(folder, "syncs");

    /// <summary>To be put before the program and its arguments. The tracer steps aside, so that the process is the program's.</summary>
    public IReadOnlyList<string> Command =>
        [Programs.Require(Program), "-D", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o", _file];

    /// <returns>Why it cannot be counted here; null where it can.</returns>
    public static string? WhyNot() => Programs.Find(Program) is null ? $"{Program} is not installed" : null;

    /// <summary>Syncs so far.</summary>
    public int Count()
    {
        using var stream = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        int count = 0;
        while (reader.ReadLine() is { } line)
        {
            // One that another thread interrupts takes two lines.
            count += line.Contains("sync(", StringComparison.Ordinal) ? 1 : 0;
        }

        return count;
    }

    public ValueTask DisposeAsync()
    {
        File.Delete(_file);
        return ValueTask.CompletedTask;
    }
}
