using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Http;
using FleetMonitor.Service.Identity;
using FleetMonitor.Service.Mqtt;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Service.Sources;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Serilog;

namespace FleetMonitor.Service.Hosting;

/// <summary>
/// The service, put together and run:
/// <code>
///   settings, files ─▶ ledger ─▶ engine ─▶ sources ─▶ web
/// </code>
/// It stops in the other order, so that nothing acknowledged is left uncommitted: the loop drains and commits, its acks go out, then the
/// sources close.
/// </summary>
internal static class ServiceHost
{
    /// <param name="ready">Called once everything runs, with what runs.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="LedgerException">The ledger cannot be opened.</exception>
    public static async Task<int> RunAsync(
        Settings settings, SiteFiles files, TimeProvider time, Func<ServiceContext, CancellationToken, Task>? ready, CancellationToken cancellation)
    {
        using Serilog.Core.Logger serilog = Logging.CreateLogger(settings.Log);
        using var logging = new Serilog.Extensions.Logging.SerilogLoggerFactory(serilog);
        if (Doors.Load(settings, time, message => serilog.Information("{Message}", message), Console.Error.WriteLine) is not { } doors)
        {
            return Commands.ExitCode.WrongUsage;
        }

        doors.WarnOfPlainSecrets(settings, message => serilog.Warning("{Message}", message));
        List<IMessageSource> sources = [];
        await using Engine engine = Engine.Open(
            settings,
            files,
            clockFromMessages: false,
            time,
            logging.CreateLogger<PipelineLoop>());
        await engine.StartAsync();
        var context = new ServiceContext(settings, files, engine, sources, doors.Access, time, time.GetUtcNow());

        ListenerSource? listener = settings.Listener.Enabled
            ? new ListenerSource(settings.Listener, doors.Access, engine.Loop, time, logging.CreateLogger<ListenerAccess>())
            : null;
        await using WebApplication web = BuildWeb(context, doors.Tls, listener, serilog);
        try
        {
            await web.StartAsync(cancellation);
            if (listener is not null && ListenerSource.ServesItself(settings.Listener))
            {
                listener.Listen(new IPEndPoint(settings.Listener.Address, settings.Listener.Port), settings.Ledger.CommitEvery);
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            Console.Error.WriteLine(NotBound(settings, e));
            await web.StopAsync(CancellationToken.None);
            await TryStopAsync(engine.Loop);
            return Commands.ExitCode.Failed;
        }

        if (listener is not null)
        {
            sources.Add(listener);
        }

        sources.AddRange(Subscribe(context, doors.Tls, logging));
        await using var systemd = new SystemdNotifier(
            // A full disk is waited out: a restart would not mend it.
            () => engine.Loop.Health == PipelineHealth.DiskFull ? Task.CompletedTask : engine.Loop.AskAsync(_ => true), time);
        systemd.Ready($"Serving {settings.Http.Url}");
        serilog.Information(
            "FleetMonitor serves {Url}; ledger {Ledger} with {Devices} devices; sources: {Sources}",
            settings.Http.Url,
            engine.Ledger.Files.Directory,
            engine.Decider.Shards.Devices.Count,
            string.Join(", ", sources.Select(source => source.Status.Detail)));
        Task readyTask = ready?.Invoke(context, cancellation) ?? Task.CompletedTask;

        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        web.Lifetime.ApplicationStopping.Register(() => stop.TrySetResult());
        await using CancellationTokenRegistration cancelled = cancellation.Register(() => stop.TrySetResult());
        Task<LedgerException> damage = engine.Check.DamageAsync();
        if (await Task.WhenAny(stop.Task, engine.Loop.Completion, damage) == damage)
        {
            Console.Error.WriteLine((await damage).Message);
            engine.Loop.Fail(await damage);
            await engine.Loop.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        systemd.Stopping();
        bool failed = damage.IsCompleted || engine.Loop.Completion.IsFaulted;
        if (!failed)
        {
            failed = !await TryStopAsync(engine.Loop);
        }

        foreach (IMessageSource source in sources)
        {
            await source.DisposeAsync();
        }

        await web.StopAsync(CancellationToken.None);
        await readyTask.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return failed ? Commands.ExitCode.Failed : Commands.ExitCode.Done;
    }

    /// <summary>Which door did not open, why, and what to set.</summary>
    private static string NotBound(Settings settings, Exception e)
    {
        bool listener = settings.Listener.Enabled && settings.Listener.Port != settings.Http.Url.Port
            && e.Message.Contains(string.Create(CultureInfo.InvariantCulture, $":{settings.Listener.Port}"), StringComparison.Ordinal);
        string door = listener
            ? string.Create(CultureInfo.InvariantCulture, $"Mqtt:Listener:Port = \"{settings.Listener.Port}\"")
            : $"Http:Url = \"{settings.Http.Url.OriginalString}\"";
        return e.InnerException is AddressInUseException
            ? $"{door}: another program listens there already: stop that one, or set another."
            : $"{door}: cannot listen there: {e.Message}";
    }

    /// <returns>False where the ledger took no more: its sources deliver again what it did not take.</returns>
    private static async Task<bool> TryStopAsync(PipelineLoop loop)
    {
        try
        {
            await loop.StopAsync();
            return true;
        }
        catch (LedgerException)
        {
            // The loop has said why.
            return false;
        }
    }

    private static WebApplication BuildWeb(ServiceContext context, Tls tls, ListenerSource? listener, Serilog.ILogger serilog)
    {
        // The host's own settings files are none of ours; watching for them would wake a thread at each write below the working directory.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.Logging.ClearProviders().AddSerilog(serilog);
        builder.Services.AddSingleton(context);
        builder.Services.AddHostedService<FleetFileWatcher>();
        builder.Services.AddHostedService<AccessFileWatcher>();
        builder.Services.AddHostedService<Maintenance>();
        Projections.AddTo(builder.Services, context.Engine.Projection);
        builder.Services.AddAlertOutputs(context);
        builder.Services.AddFinance(context);
        builder.Services.AddFleetApi();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, context.Settings.Http.Url, endpoint => Secure(endpoint, tls.ForHttp()));
            if (listener is not null && !ListenerSource.ServesItself(context.Settings.Listener))
            {
                kestrel.Listen(context.Settings.Listener.Address, context.Settings.Listener.Port, endpoint =>
                {
                    Secure(endpoint, tls.ForListener());
                    endpoint.Run(listener.ServeAsync);
                });
            }
        });
        WebApplication web = builder.Build();
        web.MapFleetApi(context);
        return web;
    }

    private static void Listen(KestrelServerOptions kestrel, Uri url, Action<ListenOptions> configure)
    {
        if (url.Host == "localhost")
        {
            kestrel.ListenLocalhost(url.Port, configure);
        }
        else if (IPAddress.TryParse(url.Host, out IPAddress? address))
        {
            kestrel.Listen(address, url.Port, configure);
        }
        else
        {
            kestrel.ListenAnyIP(url.Port, configure);
        }
    }

    private static void Secure(ListenOptions endpoint, TlsHandshakeCallbackOptions? tls)
    {
        if (tls is not null)
        {
            endpoint.UseHttps(tls);
        }
    }

    private static IEnumerable<BrokerSource> Subscribe(ServiceContext context, Tls tls, ILoggerFactory logging)
    {
        SubscriberSettings settings = context.Settings.Subscriber;
        IReadOnlyList<string> topics = settings.Topics.Count > 0 ? settings.Topics : context.Files.Profiles.TopicFilters;
        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        string ledgerId = Convert.ToHexStringLower(ledger.State("ledger-id")!);
        BrokerSession?[] sessions =
        [
            .. settings.Brokers.Select(address =>
                ledger.State(SessionKey(address)) is { } kept ? JsonSerializer.Deserialize<BrokerSession>(kept) : null),
        ];
        IReadOnlyList<string> clientIds = ClientIds.Assign(
            settings.ClientId ?? $"fleetmonitor-{ledgerId}", [.. sessions.Select(session => session?.ClientId)]);
        for (int i = 0; i < settings.Brokers.Count; i++)
        {
            BrokerAddress address = settings.Brokers[i];
            var source = new BrokerSource(
                Clients.Broker(context.Settings, context.Time),
                address,
                clientIds[i],
                settings,
                address.Tls ? () => tls.ForBroker(address) : null,
                topics,
                sessions[i],
                session => RememberAsync(context.Engine.Loop, SessionKey(address), session),
                context.Engine.Loop,
                context.Time,
                logging.CreateLogger<BrokerSource>());
            source.Start();
            yield return source;
        }
    }

    private static string SessionKey(BrokerAddress address) => $"broker-session/{address}";

    private static async Task RememberAsync(PipelineLoop loop, string key, BrokerSession session)
    {
        try
        {
            await loop.AskAsync(decider =>
            {
                decider.Add(commit => commit.State[key] = JsonSerializer.SerializeToUtf8Bytes(session));
                return true;
            });
        }
        catch (Exception e) when (e is InvalidOperationException or LedgerException)
        {
            // Stopping: the next start finds what was remembered before, and a gap can only be reported too long.
        }
    }
}
