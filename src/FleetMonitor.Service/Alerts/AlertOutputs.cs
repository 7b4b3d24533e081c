using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Http;

namespace FleetMonitor.Service.Alerts;

/// <summary>Who is told of alerts, by what is set.</summary>
internal static class AlertOutputs
{
    public static IServiceCollection AddAlertOutputs(this IServiceCollection services, ServiceContext context)
    {
        AlertSettings settings = context.Settings.Alerts;
        Add(services, context, new MqttAlerts(context.Sources));
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

    private static void Add(IServiceCollection services, ServiceContext context, IAlertOutput output)
    {
        AlertSender? sender = null;
        AlertSender Sender(IServiceProvider provider) =>
            sender ??= new AlertSender(output, context, provider.GetRequiredService<ILogger<AlertSender>>());

        services.AddSingleton<IHostedService>(Sender);
        services.AddSingleton<IMetricsSource>(Sender);
    }
}
