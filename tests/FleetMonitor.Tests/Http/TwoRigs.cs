namespace FleetMonitor.Tests.Http;

/// <summary>
/// Two rigs, worked out by hand. rig-1 has a register: 1 kWh at 10:00 UTC, 3 kWh at 10:30, so 2 kWh. rig-2 only tells its power: 3000 W at 10:00
/// and at 10:04, so 0.2 kWh, and is silent since. At the base rate of 2 KZT a kWh that is 4 and 0.4 KZT. It is 10:30:10.
/// </summary>
internal static class TwoRigs
{
    public static async Task SendAsync(RunningService service, string site = "north")
    {
        await service.SendAsync(site, "rig-1", "2026-11-21T10:00:00", "\"energy_wh\":1000,\"power_w\":3900");
        await service.SendAsync(site, "rig-1", "2026-11-21T10:30:00", "\"energy_wh\":3000,\"power_w\":3000,\"hashrate_ths\":100,\"temp_c\":61.5");
        await service.SendAsync(site, "rig-2", "2026-11-21T10:00:00", "\"power_w\":3000,\"hashrate_ths\":90");
        await service.SendAsync(site, "rig-2", "2026-11-21T10:04:00", "\"power_w\":3000,\"hashrate_ths\":90");
    }
}
