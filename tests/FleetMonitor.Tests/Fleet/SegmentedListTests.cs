using FleetMonitor.Fleet;
using Xunit;

namespace FleetMonitor.Tests.Fleet;

public sealed class SegmentedListTests
{
    [Fact]
    public void Items_OfManySegments_AreInOrderAndCanBeChanged()
    {
        var list = new SegmentedList<int>();
        for (int i = 0; i < 10_000; i++)
        {
            list.Add(i);
        }

        list[9_999] = -1;

        Assert.Equal([.. Enumerable.Range(0, 9_999), -1], list);
        Assert.Equal((10_000, 5_000), (list.Count, list[5_000]));
    }

    [Fact]
    public void Items_AddedOnceItWasEmptied_AreTheOnlyOnes()
    {
        var list = new SegmentedList<string>();
        for (int i = 0; i < 10_000; i++)
        {
            list.Add("old");
        }

        list.Clear();
        Assert.Empty(list);
        list.Add("new");

        Assert.Equal(["new"], list);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Index_OutsideOfWhatThereIs_IsRefused(int index)
    {
        SegmentedList<string> list = [];
        list.Add("a");
        list.Add("b");
        list.Add("c");

        Assert.Throws<ArgumentOutOfRangeException>("index", () => list[index]);
    }

    [Fact]
    public void Items_OnceItWasEmptied_AreNotHeld()
    {
        var list = new SegmentedList<object>();
        WeakReference[] items = [.. Enumerable.Range(0, 1_000).Select(_ => Added(list))];

        list.Clear();
        GC.Collect();

        Assert.DoesNotContain(items, item => item.IsAlive);
        GC.KeepAlive(list);
    }

    private static WeakReference Added(SegmentedList<object> list)
    {
        list.Add(new object());
        return new WeakReference(list[list.Count - 1]);
    }
}
