using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Influx;
using Xunit;

namespace FleetMonitor.Tests.Influx;

public class SiteWindowsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly string[] Sites = ["s"];

    private SiteWindows _windows = new(Minute);

    [Fact]
    public void Window_IsHandedOverOnce_WhenItIsFinished()
    {
        Add(device: 0, minute: 10, watts: 100);
        Add(device: 1, minute: 10, watts: 200);

        Assert.Empty(Finish(9));
        Assert.Equal([(10, 300)], Finish(10));
        Assert.Empty(Finish(11));
    }

    [Fact]
    public void Windows_BeforeTheFirstLook_AreAllHandedOver()
    {
        Add(0, 1, 100);
        Add(0, 50, 200);

        Assert.Equal([(1, 100), (50, 200)], Finish(60));
    }

    [Fact]
    public void Share_ThatComesAgain_ReplacesTheOneBefore()
    {
        Add(0, 10, 100);
        Add(0, 10, 150);

        Assert.Equal([(10, 150)], Finish(10));
    }

    [Fact]
    public void Window_CorrectedSoonAfterItsEnd_IsHandedOverAgain()
    {
        Add(0, 10, 100);
        Add(1, 10, 100);
        Finish(10);
        Add(0, 10, 101);

        Assert.Equal([(10, 201)], Finish(11));
        Assert.Empty(_windows.Hours);
    }

    [Fact]
    public void Share_ForAnOldWindow_MarksItsHour()
    {
        Add(0, 10, 100);
        Finish(70);
        Add(0, 10, 101);

        Assert.Empty(Finish(71));
        Assert.Equal([new SiteHour("s", At(0))], _windows.Hours.Keys);
    }

    [Fact]
    public void Hour_MarkedWhileItWasMadeAgain_StaysMarked()
    {
        Finish(70);
        Add(0, 10, 100);
        (SiteHour hour, long mark) = _windows.Hours.Single();
        Add(1, 11, 100);

        Assert.False(_windows.Remade(hour, mark));
        (hour, mark) = _windows.Hours.Single();
        Assert.True(_windows.Remade(hour, mark));
        Assert.Empty(_windows.Hours);
    }

    [Fact]
    public void Restart_MarksWhatWasUnfinished_AndLeavesItToBeMadeFromKeptReadings()
    {
        Add(0, 10, 100);
        Finish(10);
        Add(0, 11, 100);
        Add(0, 12, 100);
        _windows = Restarted();
        Add(0, 12, 120);
        Add(0, 13, 130);

        Assert.Empty(Finish(11));
        Assert.Empty(_windows.Hours);
        Assert.Equal([(13, 130)], Finish(13));
        Assert.Equal([new SiteHour("s", At(0))], _windows.Hours.Keys);
        Assert.Equal(At(12), _windows.RemadeThrough);
    }

    [Fact]
    public void Restarts_BeforeTheFirstLook_MarkTheHoursOfAllThatCame()
    {
        Add(0, 130, 100);
        _windows.Save();
        Add(0, 10, 100);
        bool changed = _windows.Changed;
        _windows = Restarted();
        Add(0, 190, 100);
        _windows = Restarted();

        Assert.True(changed);
        Assert.Empty(Finish(190));
        Assert.Equal([new SiteHour("s", At(0)), new SiteHour("s", At(120)), new SiteHour("s", At(180))], _windows.Hours.Keys);
    }

    [Fact]
    public void Restart_KeepsMarkedHours()
    {
        Finish(200);
        Add(0, 10, 100);
        _windows = Restarted();
        Finish(201);

        Assert.Contains(new SiteHour("s", At(0)), _windows.Hours.Keys);
    }

    [Fact]
    public void Restart_AfterAStop_FinishesNoWindowTwice()
    {
        Finish(10);
        _windows = Restarted();

        Assert.Empty(_windows.Finish(At(10), Sites).Finished);
        Assert.Equal([At(11), At(12)], _windows.Finish(At(12), Sites).Finished);
    }

    [Fact]
    public void Finished_AfterALongSilence_AreTheNewestFew()
    {
        Finish(10);

        Assert.Equal([At(98), At(99), At(100)], _windows.Finish(At(100), Sites).Finished);
    }

    private SiteWindows Restarted()
    {
        var restarted = new SiteWindows(Minute);
        restarted.Restore(_windows.Save());
        return restarted;
    }

    private void Add(int device, int minute, int watts) =>
        _windows.Add("s", device, At(minute), new WindowShare(Billed: true, watts, null, null, 0, null, 1));

    private (int Minute, long Watts)[] Finish(int minute) =>
        [.. _windows.Finish(At(minute), Sites).Sums.Select(sum => ((int)(sum.Window.UnixMilliseconds / 60_000), sum.Sums.Power!.Value))];

    private static Instant At(int minute) => new(minute * 60_000L);
}
