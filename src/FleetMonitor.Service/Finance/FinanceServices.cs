using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Finance;

internal static class FinanceServices
{
    /// <summary>What posts, closes and answers for the books, while the service runs.</summary>
    public static IServiceCollection AddFinance(this IServiceCollection services, ServiceContext context) => services
        .AddSingleton(provider => new Bookkeeper(context.Engine, context.Time, provider.GetRequiredService<ILogger<Bookkeeper>>()))
        .AddHostedService(provider => new SettledPostings(
            provider.GetRequiredService<Bookkeeper>(), context.Time, provider.GetRequiredService<ILogger<SettledPostings>>()));
}
