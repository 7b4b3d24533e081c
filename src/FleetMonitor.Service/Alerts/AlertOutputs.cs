using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Http;

namespace FleetMonitor.Service.Alerts;

/// <summary>Who is told of alerts, by what is set.</summary>
internal static class AlertOutputs
{
    public static IServiceCollection AddAlertOutputs(this IServiceCollection services, ServiceContext context)
    {
        Add(services, _ => new MqttAlerts(context.Sources));
        return services;
    }

    private static void Add(IServiceCollection services, Func<ServiceContext, IAlertOutput> create)
    {
        AlertSender? sender = null;
        AlertSender Sender(IServiceProvider provider)
        {
            ServiceContext context = provider.GetRequiredService<ServiceContext>();
            return sender ??= new AlertSender(create(context), context, provider.GetRequiredService<ILogger<AlertSender>>());
        }

        services.AddSingleton<IHostedService>(Sender);
        services.AddSingleton<IMetricsSource>(Sender);
    }
}
