using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pages;

namespace FleetMonitor.Service.Http;

/// <summary>Everything the service answers over HTTP.</summary>
internal static class FleetApi
{
    public static IServiceCollection AddFleetApi(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<FailureAnswers>();
        services.AddOpenApi("v1", ApiDescription.Configure);
        services.AddResponseCompression();
        services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        services.AddSingleton<FleetView>();
        services.AddSingleton<LevyView>();
        services.AddSingleton<IMetricsSource, ServiceMetrics>();
        return services;
    }

    public static void MapFleetApi(this WebApplication web, ServiceContext context)
    {
        HttpSettings settings = context.Settings.Http;
        web.UseExceptionHandler();
        web.UseRemote(settings);
        web.UseRequestLimit(settings, context.Time);
        web.UseStatusCodePages();
        web.UseResponseCompression();
        web.UseSafeHeaders();

        web.MapHealth(context);
        web.MapPages();

        var access = new Access(settings, context.Access, context.Time);
        RouteGroupBuilder open = web.MapGroup("").Require(access, Role.Viewer);
        open.MapMetrics();
        open.MapOpenApi("/openapi/{documentName}.json");

        RouteGroupBuilder api = open.MapGroup("/api/v1").Negotiate();
        api.MapFleet();
        api.MapDevices();
        api.MapReadings();
        api.MapAnomalies();
        api.MapAlertActs(access);
        api.MapTotals();
        api.MapPeriods();
        api.MapPostings();
        api.MapFinance(access);
        api.MapReconciliation();
        api.MapQuarantine(access);
        api.MapEvidence();
        api.MapService(access);
    }
}
