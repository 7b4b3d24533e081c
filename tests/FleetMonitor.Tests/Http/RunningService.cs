using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Http;
using FleetMonitor.Service.Identity;
using FleetMonitor.Service.Sources;
using FleetMonitor.Telemetry.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Http;

/// <summary>
/// The service on a free port of loopback, over a ledger of its own: fed by batches instead of a broker, at a time that the test says.
/// It is 2026-11-21 15:30:10 in Almaty where nothing else is said.
/// </summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;
    private readonly Engine _engine;
    private readonly WebApplication _web;
    private readonly FixedSource _source;
    private bool _isStopped;

    private RunningService(
        DirectoryInfo directory,
        Engine engine,
        WebApplication web,
        Settings settings,
        SiteFiles files,
        AccessControl access,
        ServiceTime time,
        FixedSource source)
    {
        (_directory, _engine, _web, Settings, Files, Access, Time, _source) = (directory, engine, web, settings, files, access, time, source);
        Http = new HttpClient { BaseAddress = new Uri(web.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public Settings Settings { get; }

    public SiteFiles Files { get; }

    public AccessControl Access { get; }

    public ServiceTime Time { get; }

    /// <summary>Alerts as they were published, topic and payload.</summary>
    public IReadOnlyCollection<(string Topic, string Payload)> Published => _source.Published;

    public LedgerReader OpenLedger() => LedgerReader.Open(_engine.Ledger.Files);

    /// <param name="fleet">The fleet file's text; null for sites that register themselves.</param>
    public static async Task<RunningService> StartAsync(string? fleet = null, params (string Key, string Value)[] options)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("fleetmonitor-http-");
        var configuration = options.ToDictionary(option => option.Key, option => (string?)option.Value);
        configuration["Ledger:Directory"] = Path.Combine(directory.FullName, "ledger");
        if (fleet is not null)
        {
            configuration["Fleet:File"] = Path.Combine(directory.FullName, "fleet.json");
            await File.WriteAllTextAsync(configuration["Fleet:File"]!, fleet);
        }

        SettingsResult read = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build());
        Assert.Empty(read.Problems);
        (SiteFiles? files, IReadOnlyList<string> problems) = SiteFiles.Load(read.Settings);
        Assert.Empty(problems);

        var time = new ServiceTime(new DateTimeOffset(2026, 11, 21, 10, 30, 10, TimeSpan.Zero));
        (AccessControl? access, IReadOnlyList<string> open) = AccessControl.Load(read.Settings);
        Assert.Empty(open);
        Engine engine = Engine.Open(read.Settings, files!, clockFromMessages: false, time, NullLogger.Instance);
        await engine.StartAsync();
        var source = new FixedSource();
        var context = new ServiceContext(read.Settings, files!, engine, [source], access!, time, time.Now);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(context);
        builder.Services.AddAlertOutputs(context);
        builder.Services.AddFinance(context);
        builder.Services.AddFleetApi();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication web = builder.Build();
        web.MapFleetApi(context);
        await web.StartAsync();
        return new RunningService(directory, engine, web, read.Settings, files!, access!, time, source);
    }

    /// <summary>The options that give each role a key that is called like it.</summary>
    public static (string Key, string Value)[] Keys =>
    [
        .. new[] { "viewer", "operator", "finance" }.SelectMany((role, index) => new[]
        {
            ($"Http:Keys:{index}:Name", $"{role}'s"),
            ($"Http:Keys:{index}:Role", role),
            ($"Http:Keys:{index}:Sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(role)))),
        }),
    ];

    /// <summary>Native telemetry of one device, received when it says it was true.</summary>
    /// <param name="at">UTC, such as <c>2026-11-21T10:00:00</c>.</param>
    /// <param name="fields">The payload's other fields, such as <c>"power_w":3000</c>.</param>
    public Task SendAsync(string site, string device, string at, string fields) =>
        PublishAsync($"fleet/{site}/{device}/telemetry", $$"""{"ts":"{{at}}Z",{{fields}}}""", at);

    public Task PublishAsync(string topic, string payload, string at) =>
        PublishAsync([(topic, payload)], Instant.From(DateTimeOffset.Parse(at + "Z", CultureInfo.InvariantCulture)));

    /// <summary>Several messages as one batch, received at one time.</summary>
    public async Task PublishAsync(IReadOnlyCollection<(string Topic, string Payload)> messages, Instant at)
    {
        var batch = new RawBatch("test", null, messages.Sum(message => Encoding.UTF8.GetByteCount(message.Topic + message.Payload)));
        foreach ((string topic, string payload) in messages)
        {
            batch.Add(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), at);
        }

        await _engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        await _engine.Loop.AskAsync(_ => true);
    }

    /// <summary>The clock goes on, and time passes for all devices every ten seconds of it.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        for (DateTimeOffset end = Time.Now + time; Time.Now < end;)
        {
            Time.Now += TimeSpan.FromSeconds(10);
            await TickAsync();
        }
    }

    /// <summary>All devices hear what time it is.</summary>
    public Task TickAsync() => _engine.Loop.AskAsync(decider =>
    {
        decider.Tick(Instant.From(Time.Now));
        return true;
    });

    /// <summary>The fleet file is changed and read again.</summary>
    public async Task TakeFleetAsync(string fleet)
    {
        await File.WriteAllTextAsync(Settings.Fleet.File!, fleet);
        List<string> problems = [];
        FleetMonitor.Fleet.FleetSnapshot? read = SiteFiles.LoadFleet(Settings, problems);
        Assert.Empty(problems);
        await _engine.TakeFleetAsync(read!);
    }

    /// <summary>Lets kept readings go that are older, as the service does from time to time.</summary>
    public async Task LetGoAsync(TimeSpan older) => await new FleetMonitor.Service.Evidence.EvidenceKeeper(
        _engine, Settings.Ledger with { KeepReadings = older }).TurnAsync(Instant.From(Time.Now), CancellationToken.None);

    public Task LoseSessionAsync(Instant from, Instant to) =>
        _engine.Loop.SessionLostAsync("mqtt://broker", from, to, "the broker forgot", isNewSession: true).AsTask();

    /// <summary>Asks, and takes nothing but an answer that is well.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage response = await Http.GetAsync(new Uri(path, UriKind.Relative));
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {(int)response.StatusCode} {body}");
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    /// <summary>Asks, and takes nothing but a problem of that status.</summary>
    public async Task<JsonElement> ProblemAsync(HttpStatusCode expected, string path, string? key = null, string? post = null)
    {
        using HttpResponseMessage response = await SendAsync(path, key, post);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
    }

    /// <param name="post">A JSON body to post; null to get.</param>
    public async Task<HttpResponseMessage> SendAsync(string path, string? key, string? post = null)
    {
        using var request = new HttpRequestMessage(post is null ? HttpMethod.Get : HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Content = post is null ? null : new StringContent(post, Encoding.UTF8, "application/json");
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        return await Http.SendAsync(request);
    }

    /// <summary>Ends the service as a signal would, with everything in the ledger; what it kept stays until it is disposed of.</summary>
    public async Task StopAsync()
    {
        _isStopped = true;
        await _engine.Loop.StopAsync();
        await CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await CloseAsync();
        }

        _directory.Delete(recursive: true);
    }

    private async Task CloseAsync()
    {
        Http.Dispose();
        await _web.StopAsync();
        await _web.DisposeAsync();
        await _engine.DisposeAsync();
    }

    private sealed class FixedSource : IMessageSource
    {
        public SourceStatus Status { get; } = new("listener", true, "fed by a test");

        public System.Collections.Concurrent.ConcurrentQueue<(string Topic, string Payload)> Published { get; } = [];

        public Task<bool> PublishAlertAsync(string topic, byte[] payload)
        {
            Published.Enqueue((topic, Encoding.UTF8.GetString(payload)));
            return Task.FromResult(true);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
