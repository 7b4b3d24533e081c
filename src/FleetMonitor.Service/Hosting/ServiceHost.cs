using System.Net;
using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Http;
using FleetMonitor.Service.Mqtt;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Service.Sources;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
        List<IMessageSource> sources = [];
        await using Engine engine = Engine.Open(
            settings,
            files,
            clockFromMessages: false,
            time,
            logging.CreateLogger<PipelineLoop>());
        await engine.StartAsync();
        var context = new ServiceContext(settings, files, engine, sources, time, time.GetUtcNow());

        ListenerSource? listener = settings.Listener.Enabled ? new ListenerSource(settings.Listener, engine.Loop, time) : null;
        await using WebApplication web = BuildWeb(context, listener, serilog);
        try
        {
            await web.StartAsync(cancellation);
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"{e.Message} Set Http:Url or Mqtt:Listener:Port.");
            return Commands.ExitCode.Failed;
        }

        if (listener is not null)
        {
            sources.Add(listener);
        }

        sources.AddRange(Subscribe(context, logging));
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
        await Task.WhenAny(stop.Task, engine.Loop.Completion);

        systemd.Stopping();
        bool failed = engine.Loop.Completion.IsFaulted;
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

    private static WebApplication BuildWeb(ServiceContext context, ListenerSource? listener, Serilog.ILogger serilog)
    {
        // The host's own settings files are none of ours; watching for them would wake a thread at each write below the working directory.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.Logging.ClearProviders().AddSerilog(serilog);
        builder.Services.AddSingleton(context);
        builder.Services.AddHostedService<FleetFileWatcher>();
        builder.Services.AddHostedService<Maintenance>();
        Projections.AddTo(builder.Services, context.Engine.Projection);
        builder.Services.AddAlertOutputs(context);
        builder.Services.AddFinance(context);
        builder.Services.AddFleetApi();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, context.Settings.Http.Url);
            if (listener is not null)
            {
                kestrel.Listen(context.Settings.Listener.Address, context.Settings.Listener.Port, endpoint => endpoint.Run(listener.ServeAsync));
            }
        });
        WebApplication web = builder.Build();
        web.MapFleetApi(context);
        return web;
    }

    private static void Listen(KestrelServerOptions kestrel, Uri url)
    {
        if (url.Host == "localhost")
        {
            kestrel.ListenLocalhost(url.Port);
        }
        else if (IPAddress.TryParse(url.Host, out IPAddress? address))
        {
            kestrel.Listen(address, url.Port);
        }
        else
        {
            kestrel.ListenAnyIP(url.Port);
        }
    }

    private static IEnumerable<BrokerSource> Subscribe(ServiceContext context, ILoggerFactory logging)
    {
        SubscriberSettings settings = context.Settings.Subscriber;
        IReadOnlyList<string> topics = settings.Topics.Count > 0 ? settings.Topics : context.Files.Profiles.TopicFilters;
        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        string ledgerId = Convert.ToHexStringLower(ledger.State("ledger-id")!);
        for (int i = 0; i < settings.Brokers.Count; i++)
        {
            BrokerAddress address = settings.Brokers[i];
            string clientId = (settings.ClientId ?? $"fleetmonitor-{ledgerId}") + (i == 0 ? "" : $"-{i + 1}");
            string key = $"session/{address}/{clientId}";
            var source = new BrokerSource(
                Clients.Broker(context.Settings, context.Time),
                address,
                clientId,
                settings,
                topics,
                ledger.State(key) is { } kept ? JsonSerializer.Deserialize<BrokerSession>(kept) : null,
                session => RememberAsync(context.Engine.Loop, key, session),
                context.Engine.Loop,
                context.Time,
                logging.CreateLogger<BrokerSource>());
            source.Start();
            yield return source;
        }
    }

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
