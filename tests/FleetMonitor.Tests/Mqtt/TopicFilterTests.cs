using System.Text;
using FleetMonitor.Mqtt.Topics;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public sealed class TopicFilterTests
{
    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/c", false)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/b/c", "a/b", false)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+/c", "a//c", true)]
    [InlineData("a/+/c", "a/b/b/c", false)]
    [InlineData("+", "a", true)]
    [InlineData("+", "/a", false)]
    [InlineData("+/+", "/a", true)]
    [InlineData("/+", "/a", true)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "ab", false)]
    [InlineData("a/+/#", "a/b", true)]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "/", true)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    [InlineData("$SYS/+", "$SYS/x", true)]
    [InlineData("a/#", "a/$b", true)]
    [InlineData("fleet/+/+/telemetry", "fleet/kz/rig-1/telemetry", true)]
    public void Filter_AgainstTopic_MatchesAsTheStandardSays(string filter, string topic, bool matches)
    {
        var bytes = Encoding.UTF8.GetBytes(topic);
        var parsed = TopicFilter.TryParse(filter)!;
        var tree = new SubscriptionTree<string, int>();
        tree.TryAdd(parsed, "s", 1);
        var found = new Dictionary<string, int>();
        tree.Match(bytes, found, Math.Max);

        Assert.Equal(matches, parsed.Matches(bytes));
        Assert.Equal(matches, found.ContainsKey("s"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a#")]
    [InlineData("a/#/b")]
    [InlineData("#/a")]
    [InlineData("a+")]
    [InlineData("+a/b")]
    [InlineData("a/b+/c")]
    [InlineData("##")]
    [InlineData("a\0b")]
    public void Filter_ThatMisplacesAWildcard_IsNotOne(string filter) => Assert.Null(TopicFilter.TryParse(filter));

    [Fact]
    public void Tree_OverRandomFilters_AgreesWithTheFilters()
    {
        const int seed = 20260101;
        var random = new Random(seed);
        string[] levels = ["a", "b", "", "$c", "dd"];
        string Level() => levels[random.Next(levels.Length)];
        string Topic() => string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Level()));
        string Filter() => string.Join('/', Topic().Split('/').Select(l => random.Next(3) == 0 ? "+" : l))
            + (random.Next(4) == 0 ? "/#" : "");
        var live = new Dictionary<string, TopicFilter>();
        var tree = new SubscriptionTree<string, int>();
        for (var i = 0; i < 3000; i++)
        {
            if (TopicFilter.TryParse(Filter()) is { } filter)
            {
                if (random.Next(3) == 0)
                {
                    Assert.Equal(live.Remove(filter.ToString()), tree.Remove(filter, filter.ToString()));
                }
                else
                {
                    live[filter.ToString()] = filter;
                    Assert.True(tree.TryAdd(filter, filter.ToString(), 0));
                }
            }

            var topic = Encoding.UTF8.GetBytes(Topic());
            var found = new Dictionary<string, int>();
            tree.Match(topic, found, Math.Max);
            var expected = live.Values
                .Where(f => f.Matches(topic)).Select(f => f.ToString()).Order(StringComparer.Ordinal);
            Assert.True(
                expected.SequenceEqual(found.Keys.Order(StringComparer.Ordinal)),
                $"seed {seed}, step {i}, topic {Encoding.UTF8.GetString(topic)}");
        }

        foreach (var (name, filter) in live)
        {
            Assert.True(tree.Remove(filter, name));
        }

        Assert.True(tree.IsEmpty);
    }

    [Fact]
    public void Tree_WithOverlappingFilters_GivesTheSubscriberOnceWithTheGrantsJoined()
    {
        var tree = new SubscriptionTree<string, int>();
        tree.TryAdd(TopicFilter.TryParse("a/#")!, "s", 0);
        tree.TryAdd(TopicFilter.TryParse("a/+")!, "s", 1);
        var found = new Dictionary<string, int>();

        tree.Match("a/b"u8, found, Math.Max);

        Assert.Equal(new KeyValuePair<string, int>("s", 1), Assert.Single(found));
    }

    [Fact]
    public void Tree_WithTooDeepAFilter_DoesNotTakeIt()
    {
        var tree = new SubscriptionTree<string, int>();

        Assert.False(tree.TryAdd(TopicFilter.TryParse(new string('/', 64))!, "s", 0));
        Assert.True(tree.TryAdd(TopicFilter.TryParse(new string('/', 63))!, "s", 0));
    }

    [Fact]
    public void Matching_ByFilterAndTree_DoesNotAllocate()
    {
        var filter = TopicFilter.TryParse("fleet/+/+/telemetry")!;
        var tree = new SubscriptionTree<string, int>();
        tree.TryAdd(filter, "s", 0);
        var found = new Dictionary<string, int>();
        var hits = 0;
        Match();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Match();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001, hits);

        void Match()
        {
            tree.Match("fleet/kz/rig-1/telemetry"u8, found, Math.Max);
            hits += filter.Matches("fleet/kz/rig-1/telemetry"u8) ? found.Count : 0;
            found.Clear();
        }
    }
}
