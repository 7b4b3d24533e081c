using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.RealServers.Browser;

/// <summary>Debian's Chromium without a window, driven over its DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    public const string Program = "chromium";

    private const string Listening = "DevTools listening on ws://";
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new();

    private readonly ChildProcess _process;
    private readonly DirectoryInfo _profile;
    private readonly Uri _devTools;

    private Chromium(ChildProcess process, DirectoryInfo profile, Uri devTools) => (_process, _profile, _devTools) = (process, profile, devTools);

    public static async Task<Chromium> StartAsync()
    {
        DirectoryInfo profile = Directory.CreateTempSubdirectory("fleetmonitor-chromium-");
        ChildProcess process = ChildProcess.Start(
            Programs.Require(Program),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--lang=en", $"--user-data-dir={profile.FullName}",
                "--remote-debugging-port=0", "about:blank",
            ]);
        await process.WaitForAsync(Listening, StartsWithin);
        string line = process.Errors.Split('\n').First(line => line.Contains(Listening, StringComparison.Ordinal));
        var address = new Uri(line[line.IndexOf("ws://", StringComparison.Ordinal)..]);
        return new Chromium(process, profile, new Uri($"http://{address.Authority}/"));
    }

    /// <summary>A tab of its own, as large as a desktop's window.</summary>
    public Task<Tab> OpenAsync() => Tab.OpenAsync(Http, _devTools);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _profile.Delete(recursive: true);
    }
}
