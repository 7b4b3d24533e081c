using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Http;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Alerts;

/// <summary>Who is told of alerts, by what is set.</summary>
internal static class AlertOutputs
{
    public static IServiceCollection AddAlertOutputs(this IServiceCollection services, ServiceContext context)
    {
        AlertSettings settings = context.Settings.Alerts;
        foreach (string source in SourceNames(context.Settings))
        {
            Add(services, context, new MqttAlerts(source, context.Sources));
        }

        if (settings.Alertmanager is { } alertmanager)
        {
            Add(services, context, new AlertmanagerAlerts(alertmanager, context.Settings.Http.Url, context.Engine.Ledger.Files, context.Time));
        }

        if (settings.Webhook is { } webhook)
        {
            Add(services, context, new WebhookAlerts(webhook, context.Time));
        }

        return services;
    }

    /// <summary>Where messages come in: each is told by itself, so that a broker that is away keeps nobody else waiting.</summary>
    private static IEnumerable<string> SourceNames(Settings settings) =>
    [
        .. settings.Listener.Enabled ? (IEnumerable<string>)[ListenerSource.Name] : [],
        .. settings.Subscriber.Brokers.Select(address => address.ToString()),
    ];

    private static void Add(IServiceCollection services, ServiceContext context, IAlertOutput output)
    {
        AlertSender? sender = null;
        AlertSender Sender(IServiceProvider provider) =>
            sender ??= new AlertSender(output, context, provider.GetRequiredService<ILogger<AlertSender>>());

        services.AddSingleton<IHostedService>(Sender);
        services.AddSingleton<IMetricsSource>(Sender);
    }
}
