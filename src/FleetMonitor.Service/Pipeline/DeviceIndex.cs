using FleetMonitor.Fleet;

namespace FleetMonitor.Service.Pipeline;

/// <summary>Devices by their key, which they hold themselves: a hash table of ids, eight bytes a device.</summary>
/// <param name="devices">By id; each new one is added here too.</param>
internal sealed class DeviceIndex(IReadOnlyList<TrackedDevice> devices)
{
    private const int None = -1;
    private const int FewestBuckets = 64;

    /// <summary>The id of the device that came last into a bucket.</summary>
    private int[] _buckets = Empty(FewestBuckets);

    /// <summary>By id, the one that came into its bucket before it.</summary>
    private readonly SegmentedList<int> _before = new();

    public TrackedDevice? Find(DeviceKey key)
    {
        for (int id = Bucket(key); id != None; id = _before[id])
        {
            if (devices[id].Key == key)
            {
                return devices[id];
            }
        }

        return null;
    }

    /// <summary>Adds the device whose id is the number of those that were added before.</summary>
    public void Add(DeviceKey key)
    {
        if (_before.Count == _buckets.Length)
        {
            _buckets = Empty(2 * _buckets.Length);
            for (int id = 0; id < _before.Count; id++)
            {
                _before[id] = Put(devices[id].Key, id);
            }
        }

        _before.Add(Put(key, _before.Count));
    }

    /// <returns>The one that it comes before in its bucket.</returns>
    private int Put(DeviceKey key, int id)
    {
        ref int bucket = ref Bucket(key);
        (int before, bucket) = (bucket, id);
        return before;
    }

    private ref int Bucket(DeviceKey key) => ref _buckets[key.GetHashCode() & (_buckets.Length - 1)];

    private static int[] Empty(int buckets)
    {
        var empty = new int[buckets];
        Array.Fill(empty, None);
        return empty;
    }
}
