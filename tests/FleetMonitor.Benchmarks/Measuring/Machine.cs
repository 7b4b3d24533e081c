using System.Globalization;

namespace FleetMonitor.Benchmarks.Measuring;

/// <summary>What the figures were measured on, as far as the system tells.</summary>
internal static class Machine
{
    /// <summary>One line: cores and model, memory, disk of the ledgers, and how busy it is now.</summary>
    public static string Describe()
    {
        string model = Value("/proc/cpuinfo", "model name");
        double gigabytes = double.Parse(Value("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / 1_048_576;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores ({model}), {gigabytes:F0} GB of memory, ledgers on {Disk(Path.GetTempPath())}, Linux "
            + $"{File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}; load average over the last minute {Load()}");
    }

    public static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>How many descriptors a process may open here.</summary>
    public static int DescriptorLimit()
    {
        string limit = Value("/proc/self/limits", "Max open files").Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(limit, CultureInfo.InvariantCulture, out int count) ? count : int.MaxValue;
    }

    private static string Disk(string folder)
    {
        string[] mount = File.ReadLines("/proc/mounts")
            .Select(line => line.Split(' '))
            .Where(fields => folder.StartsWith(fields[1] == "/" ? "/" : fields[1] + "/", StringComparison.Ordinal))
            .MaxBy(fields => fields[1].Length)!;
        string device = Path.GetFileName(mount[0]);
        string kind = mount[2] == "tmpfs" ? "memory"
            : device.StartsWith("nvme", StringComparison.Ordinal) ? "an NVMe disk"
            : device.StartsWith("vd", StringComparison.Ordinal) || device.StartsWith("xvd", StringComparison.Ordinal) ? "a virtual disk"
            : device.StartsWith("sd", StringComparison.Ordinal) && IsRotational(device) is { } rotates ? rotates ? "a hard disk" : "an SSD"
            : "a disk of unknown type";
        return $"{kind} ({mount[2]})";
    }

    private static bool? IsRotational(string partition)
    {
        string file = $"/sys/block/{partition.TrimEnd("0123456789".ToCharArray())}/queue/rotational";
        return File.Exists(file) ? File.ReadAllText(file).Trim() == "1" : null;
    }

    /// <summary>What stands behind a name, in the files of <c>/proc</c> that have one a line.</summary>
    private static string Value(string file, string name) => File.ReadLines(file)
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
        ? line[name.Length..].Trim(' ', '\t', ':')
        : "unknown";
}
