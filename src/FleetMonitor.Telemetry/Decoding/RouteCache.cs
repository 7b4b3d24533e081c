using System.Runtime.InteropServices;
using FleetMonitor.Fleet;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>
/// Remembers routes by their bytes, within bounds: those that nobody owns are forgotten each time so many have come. Names can be made up, an owner is not one
/// of them. Safe from any thread, of which nearly always there is one. There is a row for every device's topic, so it is small, and no object.
/// </summary>
internal sealed class RouteCache(int capacity)
{
    /// <summary>The place of a route that is not remembered.</summary>
    public const int Nowhere = -1;

    /// <summary>Longer topics are looked up each time: they are rare, and remembering them would cost memory by the megabyte.</summary>
    private const int LongestKey = 512;
    private const int FewestBuckets = 64;

    private readonly Lock _lock = new();
    private readonly SegmentedList<Row> _rows = new();

    /// <summary>The row that came last into a bucket.</summary>
    private int[] _buckets = Empty(FewestBuckets);
    private KeyBytes _keys = new();
    private FleetSnapshot? _fleet;
    private int _free = Nowhere;
    private int _count;
    private int _come;

    /// <summary>Hashes of the keys that were announced last.</summary>
    private int _expected;
    private int _expectedBefore;

    /// <summary>
    /// Says which key is asked for after a few others. With each key that is announced, the one before and the one before that get a step further:
    /// <code>bucket ─▶ row ─▶ bytes of the key, whose it is</code>
    /// Each step needs what the one before brings, and brings it from memory that no cache holds: taken one after the other at once, each would be waited for.
    /// </summary>
    public void Expect(ReadOnlySpan<byte> key)
    {
        if (key.Length > LongestKey)
        {
            return;
        }

        int hash = HashOf(key);
        lock (_lock)
        {
            CacheLines.Prefetch(ref Bucket(hash));
            if (Bucket(_expected) is not Nowhere and var place)
            {
                CacheLines.Prefetch(ref _rows[place]);
            }

            if (Bucket(_expectedBefore) is not Nowhere and var sooner)
            {
                ref Row row = ref _rows[sooner];
                _keys.Prefetch(row.Key);
                CacheLines.Prefetch(row.Whose, 1);
            }

            (_expected, _expectedBefore) = (hash, _expected);
        }
    }

    public bool TryGet(ReadOnlySpan<byte> key, FleetSnapshot fleet, out Route route)
    {
        int hash = HashOf(key);
        lock (_lock)
        {
            int place = Find(key, hash);
            route = place == Nowhere ? default : At(place);
            return place != Nowhere && ReferenceEquals(route.Fleet, fleet);
        }
    }

    /// <returns>The route as it is remembered from now on.</returns>
    public Route Put(ReadOnlySpan<byte> key, Route route)
    {
        if (key.Length > LongestKey)
        {
            return route;
        }

        int hash = HashOf(key);
        lock (_lock)
        {
            if (!ReferenceEquals(_fleet, route.Fleet))
            {
                // What was worked out with another fleet is void, and would hold on to all of it.
                _fleet = route.Fleet;
                _rows.Clear();
                (_buckets, _keys, _free, _count, _come) = (Empty(FewestBuckets), new(), Nowhere, 0, 0);
            }
            else if (_come >= capacity)
            {
                ForgetUnowned();
                _come = 0;
            }

            int place = Find(key, hash);
            if (place == Nowhere)
            {
                place = Take();
                _rows[place] = new Row { Facts = route.Facts, Whose = route.Whose, Key = _keys.Add(key) };
                Link(place, hash);
                _come++;
            }

            return At(place);
        }
    }

    /// <summary>Makes it the owner of the topic, if that is still remembered as it was.</summary>
    public void SetOwner(in Route route, ITopicOwner owner)
    {
        lock (_lock)
        {
            if (route.Place < _rows.Count
                && ReferenceEquals(_rows[route.Place].Whose, route.Whose)
                && ReferenceEquals(_rows[route.Place].Facts, route.Facts))
            {
                _rows[route.Place].Whose = owner;
            }
        }
    }

    private static int HashOf(ReadOnlySpan<byte> key)
    {
        // Seeded anew by each process, so that nobody can choose topics that collide.
        var hash = default(HashCode);
        hash.AddBytes(key);
        return hash.ToHashCode();
    }

    private static int[] Empty(int buckets)
    {
        var empty = new int[buckets];
        Array.Fill(empty, Nowhere);
        return empty;
    }

    private Route At(int place)
    {
        ref Row row = ref _rows[place];
        return new Route(row.Facts, row.Whose, place);
    }

    private ref int Bucket(int hash) => ref _buckets[hash & (_buckets.Length - 1)];

    private int Find(ReadOnlySpan<byte> key, int hash)
    {
        int place = Bucket(hash);
        while (place != Nowhere && !_keys.IsAt(_rows[place].Key, key))
        {
            place = _rows[place].Next;
        }

        return place;
    }

    /// <summary>A row that is nobody's.</summary>
    private int Take()
    {
        if (_count == _buckets.Length)
        {
            DoubleBuckets();
        }

        _count++;
        int place = _free;
        if (place != Nowhere)
        {
            _free = _rows[place].Next;
            return place;
        }

        _rows.Add(default);
        return _rows.Count - 1;
    }

    private void Link(int place, int hash)
    {
        ref int bucket = ref Bucket(hash);
        (_rows[place].Next, bucket) = (bucket, place);
    }

    private void DoubleBuckets()
    {
        int[] old = _buckets;
        _buckets = Empty(2 * old.Length);
        foreach (int first in old)
        {
            for (int place = first, next; place != Nowhere; place = next)
            {
                next = _rows[place].Next;
                Link(place, HashOf(_keys.At(_rows[place].Key)));
            }
        }
    }

    private void ForgetUnowned()
    {
        KeyBytes kept = new();
        foreach (ref int bucket in _buckets.AsSpan())
        {
            ref int link = ref bucket;
            while (link != Nowhere)
            {
                ref Row row = ref _rows[link];
                if (row.Whose is ITopicOwner)
                {
                    row.Key = kept.Add(_keys.At(row.Key));
                    link = ref row.Next;
                    continue;
                }

                (int place, link) = (link, row.Next);
                (row, _free) = (new Row { Next = _free }, place);
                _count--;
            }
        }

        _keys = kept;
    }

    private struct Row
    {
        public RouteFacts Facts;

        /// <summary><see cref="Route.Whose"/>.</summary>
        public object Whose;

        /// <summary>The place of its bytes.</summary>
        public int Key;

        /// <summary>The one that came before it into its bucket, or that is free too.</summary>
        public int Next;
    }

    /// <summary>
    /// The bytes of many keys, one after the other. Topics of one fleet are much alike: only what a key does not share with the first of its slab
    /// is kept.
    /// <code>begins as the first does (1) · ends as the first does (1) · length between (2) · bytes between</code>
    /// </summary>
    private sealed class KeyBytes
    {
        private const int SlabShift = 14;
        private const int SlabSize = 1 << SlabShift;
        private const int HeadSize = 2 + sizeof(ushort);

        private readonly List<byte[]> _slabs = [];
        private readonly byte[] _joined = new byte[LongestKey];
        private int _used = SlabSize;

        public bool IsAt(int place, ReadOnlySpan<byte> key)
        {
            Parts(place, out ReadOnlySpan<byte> begin, out ReadOnlySpan<byte> between, out ReadOnlySpan<byte> end);
            return key.Length == begin.Length + between.Length + end.Length
                && key.Slice(begin.Length, between.Length).SequenceEqual(between)
                && key.StartsWith(begin)
                && key.EndsWith(end);
        }

        public void Prefetch(int place) => CacheLines.Prefetch(ref _slabs[place >> SlabShift][place & (SlabSize - 1)]);

        /// <summary>To be forgotten before another is looked at.</summary>
        public ReadOnlySpan<byte> At(int place)
        {
            Parts(place, out ReadOnlySpan<byte> begin, out ReadOnlySpan<byte> between, out ReadOnlySpan<byte> end);
            begin.CopyTo(_joined);
            between.CopyTo(_joined.AsSpan(begin.Length));
            end.CopyTo(_joined.AsSpan(begin.Length + between.Length));
            return _joined.AsSpan(0, begin.Length + between.Length + end.Length);
        }

        /// <returns>Its place.</returns>
        public int Add(ReadOnlySpan<byte> key)
        {
            if (_used + HeadSize + key.Length > SlabSize)
            {
                _slabs.Add(GC.AllocateUninitializedArray<byte>(SlabSize));
                _used = 0;
            }

            ReadOnlySpan<byte> first = _used == 0 ? [] : Between(_slabs[^1]);
            int begins = Math.Min(key.CommonPrefixLength(first), byte.MaxValue);
            int ends = CommonEnd(key[begins..], first[begins..]);
            ReadOnlySpan<byte> between = key[begins..^ends];
            int place = ((_slabs.Count - 1) << SlabShift) | _used;
            Span<byte> into = _slabs[^1].AsSpan(_used);
            (into[0], into[1]) = ((byte)begins, (byte)ends);
            MemoryMarshal.Write(into[2..], (ushort)between.Length);
            between.CopyTo(into[HeadSize..]);
            _used += HeadSize + between.Length;
            return place;
        }

        private void Parts(int place, out ReadOnlySpan<byte> begin, out ReadOnlySpan<byte> between, out ReadOnlySpan<byte> end)
        {
            ReadOnlySpan<byte> slab = _slabs[place >> SlabShift];
            ReadOnlySpan<byte> from = slab[(place & (SlabSize - 1))..];
            ReadOnlySpan<byte> first = Between(slab);
            begin = first[..from[0]];
            between = Between(from);
            end = first[^from[1]..];
        }

        /// <summary>Of the first of a slab, which shares nothing with another: all of it.</summary>
        private static ReadOnlySpan<byte> Between(ReadOnlySpan<byte> from) => from.Slice(HeadSize, MemoryMarshal.Read<ushort>(from[2..]));

        private static int CommonEnd(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
        {
            int most = Math.Min(Math.Min(left.Length, right.Length), byte.MaxValue);
            int same = 0;
            while (same < most && left[^(same + 1)] == right[^(same + 1)])
            {
                same++;
            }

            return same;
        }
    }
}
