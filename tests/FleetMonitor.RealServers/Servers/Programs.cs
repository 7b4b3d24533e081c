namespace FleetMonitor.RealServers.Servers;

/// <summary>Where other programs are installed.</summary>
public static class Programs
{
    /// <summary>The path of a program, or null where it is not installed.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin")
        .Split(':')
        .Append("/usr/sbin")
        .Append("/usr/local/sbin")
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);

    public static string Require(string program) =>
        Find(program) ?? throw new InvalidOperationException($"{program} is not installed here.");
}
