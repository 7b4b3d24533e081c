using System.Diagnostics.CodeAnalysis;

namespace FleetMonitor.Mqtt.Topics;

/// <summary>
/// Who wants which topics: a tree with one node a level, so that matching costs by the topic's depth and not by the
/// number of subscriptions. Any thread may use it; matching does not allocate.
/// </summary>
/// <typeparam name="TSubscriber">Compared by its own equality.</typeparam>
/// <typeparam name="TGrant">What a subscription grants.</typeparam>
public sealed class SubscriptionTree<TSubscriber, TGrant>
    where TSubscriber : notnull
{
    /// <summary>Filters with more levels are not taken: matching recurses once a level.</summary>
    public const int MaximumLevels = 64;

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly Node _root = new();
    private int _count;

    /// <summary>Whether nobody subscribed to anything.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Adds or replaces a subscription; false where the filter has too many levels.</summary>
    public bool TryAdd(TopicFilter filter, TSubscriber subscriber, TGrant grant)
    {
        if (filter.Utf8Text.Count((byte)'/') >= MaximumLevels)
        {
            return false;
        }

        _lock.EnterWriteLock();
        try
        {
            var node = _root;
            foreach (var level in filter.Utf8Text.Split((byte)'/'))
            {
                node = node.ChildFor(filter.Utf8Text[level]);
            }

            node.Subscribers ??= [];
            _count += node.Subscribers.ContainsKey(subscriber) ? 0 : 1;
            node.Subscribers[subscriber] = grant;
            return true;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Removes a subscription; false where there is none. Branches without subscriptions go with it.</summary>
    public bool Remove(TopicFilter filter, TSubscriber subscriber)
    {
        _lock.EnterWriteLock();
        try
        {
            if (!Remove(_root, filter.Utf8Text, false, subscriber))
            {
                return false;
            }

            _count--;
            return true;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>
    /// Adds every subscriber of <paramref name="topic"/> to <paramref name="matches"/>, once, with its grants
    /// joined by <paramref name="join"/> where several of its filters match.
    /// </summary>
    public void Match(
        ReadOnlySpan<byte> topic, Dictionary<TSubscriber, TGrant> matches, Func<TGrant, TGrant, TGrant> join)
    {
        if (topic.IsEmpty)
        {
            return;
        }

        _lock.EnterReadLock();
        try
        {
            Match(_root, topic, false, topic[0] != '$', matches, join);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    private static void Match(
        Node node,
        ReadOnlySpan<byte> rest,
        bool ended,
        bool wildcards,
        Dictionary<TSubscriber, TGrant> matches,
        Func<TGrant, TGrant, TGrant> join)
    {
        if (wildcards && node.TryChild("#"u8, out var all))
        {
            Collect(all, matches, join);
        }

        if (ended)
        {
            Collect(node, matches, join);
            return;
        }

        var slash = rest.IndexOf((byte)'/');
        var level = slash < 0 ? rest : rest[..slash];
        var below = slash < 0 ? default : rest[(slash + 1)..];
        if (node.TryChild(level, out var same))
        {
            Match(same, below, slash < 0, true, matches, join);
        }

        if (wildcards && node.TryChild("+"u8, out var any))
        {
            Match(any, below, slash < 0, true, matches, join);
        }
    }

    private static void Collect(
        Node node, Dictionary<TSubscriber, TGrant> matches, Func<TGrant, TGrant, TGrant> join)
    {
        if (node.Subscribers is null)
        {
            return;
        }

        foreach (var (subscriber, grant) in node.Subscribers)
        {
            matches[subscriber] = matches.TryGetValue(subscriber, out var other) ? join(other, grant) : grant;
        }
    }

    private static bool Remove(Node node, ReadOnlySpan<byte> rest, bool ended, TSubscriber subscriber)
    {
        if (ended)
        {
            return node.Subscribers?.Remove(subscriber) ?? false;
        }

        var slash = rest.IndexOf((byte)'/');
        var level = slash < 0 ? rest : rest[..slash];
        if (!node.TryChild(level, out var child)
            || !Remove(child, slash < 0 ? default : rest[(slash + 1)..], slash < 0, subscriber))
        {
            return false;
        }

        if (child.IsEmpty)
        {
            node.RemoveChild(level);
        }

        return true;
    }

    private sealed class Node
    {
        private Dictionary<byte[], Node>? _children;

        public Dictionary<TSubscriber, TGrant>? Subscribers { get; set; }

        public bool IsEmpty => _children is not { Count: > 0 } && Subscribers is not { Count: > 0 };

        public bool TryChild(ReadOnlySpan<byte> level, [NotNullWhen(true)] out Node? child)
        {
            child = null;
            return _children is not null
                && _children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(level, out child);
        }

        public Node ChildFor(ReadOnlySpan<byte> level)
        {
            if (TryChild(level, out var child))
            {
                return child;
            }

            _children ??= new Dictionary<byte[], Node>(LevelComparer.Instance);
            return _children[level.ToArray()] = new Node();
        }

        public void RemoveChild(ReadOnlySpan<byte> level) =>
            _children?.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(level);
    }
}
