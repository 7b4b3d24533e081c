using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace FleetMonitor.Service.Identity;

/// <summary>
/// So many a minute for each remote address, a minute's worth at once: the generic cell rate algorithm, one number an address. An IPv6
/// address counts by its network of 64 bits, since one machine has all of them. Bounded: addresses beyond the bound share one allowance.
/// </summary>
/// <param name="perMinute">Zero for no limit.</param>
internal sealed class AddressLimiter(int perMinute, TimeProvider time)
{
    private const int MostAddresses = 20_000;
    private static readonly UInt128 AllOthers = UInt128.MaxValue;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, long> _fullAgainAt = [];
    private readonly long _minute = time.TimestampFrequency * 60;
    private readonly long _each = perMinute == 0 ? 0 : time.TimestampFrequency * 60 / perMinute;

    /// <summary>Takes one; false where nothing is left.</summary>
    public bool TryTake(IPAddress? address)
    {
        if (perMinute == 0)
        {
            return true;
        }

        lock (_gate)
        {
            UInt128 key = Room(Key(address));
            long now = time.GetTimestamp();
            long full = Math.Max(now, _fullAgainAt.GetValueOrDefault(key, now)) + _each;
            if (full - now > _minute)
            {
                return false;
            }

            _fullAgainAt[key] = full;
            return true;
        }
    }

    /// <summary>How long until one can be taken again; zero where one is left.</summary>
    public TimeSpan Wait(IPAddress? address)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            long over = _fullAgainAt.GetValueOrDefault(Room(Key(address)), now) + _each - now - _minute;
            return perMinute == 0 || over <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)over / time.TimestampFrequency);
        }
    }

    /// <summary>An address that is known, or that there is room for; else the one that all others share.</summary>
    private UInt128 Room(UInt128 key)
    {
        if (_fullAgainAt.ContainsKey(key) || _fullAgainAt.Count < MostAddresses)
        {
            return key;
        }

        long now = time.GetTimestamp();
        foreach ((UInt128 known, long full) in _fullAgainAt)
        {
            if (full <= now)
            {
                _fullAgainAt.Remove(known);
            }
        }

        return _fullAgainAt.Count < MostAddresses ? key : AllOthers;
    }

    private static UInt128 Key(IPAddress? address)
    {
        if (address is null)
        {
            return AllOthers;
        }

        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out _);
        if (plain.AddressFamily == AddressFamily.InterNetworkV6)
        {
            bytes[8..].Clear();
            bytes[15] = 1;
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
