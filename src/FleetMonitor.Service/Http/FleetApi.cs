using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Http;

/// <summary>Everything the service answers over HTTP.</summary>
internal static class FleetApi
{
    public static IServiceCollection AddFleetApi(this IServiceCollection services) => services;

    public static void MapFleetApi(this WebApplication web, ServiceContext context)
    {
        web.MapGet("/healthz", () => Results.Text("ok\n"));
    }
}
