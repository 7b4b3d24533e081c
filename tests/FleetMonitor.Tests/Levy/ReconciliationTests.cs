using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

public class ReconciliationTests
{
    [Fact]
    public void ControlMeters_AgainstDevices_DayByDay()
    {
        Site site = StatedSite().With(
            ControlMeter("meter-1"), ControlMeter("meter-2"), Feeder("pdu-1"), Rig("rig-1", fedBy: "pdu-1"), Rig("rig-2", "acme"));
        DeviceDay[] books =
        [
            Books("meter-1", "2026-10-02", 60m), Books("meter-2", "2026-10-02", 50m),
            Books("pdu-1", "2026-10-02", 70m), Books("rig-1", "2026-10-02", 69m), Books("rig-2", "2026-10-02", 30m),
            Books("meter-1", "2026-10-01", 20m), Books("rig-2", "2026-10-01", 25m),
            Books("rig-2", "2026-10-03", 5m),
        ];

        Assert.Equal(
            [
                (Day("2026-10-01"), Kwh(20m), Kwh(25m), Kwh(-5m)),
                (Day("2026-10-02"), Kwh(110m), Kwh(100m), Kwh(10m)),
                (Day("2026-10-03"), null, Kwh(5m), null),
            ],
            Reconciliation.Of(Billing.RollUp(books, Only(site))).Select(day => (day.Day, day.Control, day.Devices, day.Difference)));
    }
}
