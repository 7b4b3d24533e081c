using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FleetMonitor.Service.Identity;

/// <summary>How checking a password ended.</summary>
internal enum PasswordAnswer
{
    Right,
    Wrong,

    /// <summary>Too many wait already; nothing was checked.</summary>
    Busy,
}

/// <summary>
/// Checks passwords without letting them eat the machine. A password that was right is remembered, as a hash under a key that lives and dies
/// with the process, so that a fleet that comes back after a broken line costs nothing; many that bring the same one at once wait for one
/// check; and what is to be checked waits in a short line, not in front of the readings.
/// </summary>
/// <param name="mostWaiting">Further ones are turned away.</param>
internal sealed class PasswordChecks(int mostWaiting = 2_000)
{
    private const int RememberedEach = 100_000;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly SemaphoreSlim _atOnce = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly Dictionary<UInt128, Task<bool>> _running = [];
    private readonly Lock _gate = new();

    // Two generations: when the newer one is full, it becomes the older one, and what nobody used since is forgotten.
    private HashSet<UInt128> _newer = [];
    private HashSet<UInt128> _older = [];
    private long _hashed;

    /// <summary>How many were hashed: the others were remembered.</summary>
    public long Hashed => Interlocked.Read(ref _hashed);

    /// <summary>Whether the password is known to be right, without checking it.</summary>
    public bool IsRemembered(PasswordHash hash, ReadOnlySpan<byte> password)
    {
        UInt128 fingerprint = Fingerprint(hash, password);
        lock (_gate)
        {
            return IsRemembered(fingerprint);
        }
    }

    public async ValueTask<PasswordAnswer> CheckAsync(PasswordHash hash, ReadOnlyMemory<byte> password, CancellationToken cancellation)
    {
        UInt128 fingerprint = Fingerprint(hash, password.Span);
        Task<bool>? check;
        lock (_gate)
        {
            if (IsRemembered(fingerprint))
            {
                return PasswordAnswer.Right;
            }

            if (!_running.TryGetValue(fingerprint, out check))
            {
                if (_running.Count >= mostWaiting)
                {
                    return PasswordAnswer.Busy;
                }

                byte[] copy = password.ToArray();
                check = Task.Run(() => HashAsync(hash, copy, fingerprint), CancellationToken.None);
                _running.Add(fingerprint, check);
            }
        }

        return await check.WaitAsync(cancellation) ? PasswordAnswer.Right : PasswordAnswer.Wrong;
    }

    private async Task<bool> HashAsync(PasswordHash hash, byte[] password, UInt128 fingerprint)
    {
        await _atOnce.WaitAsync();
        bool isRight = hash.Matches(password);
        _atOnce.Release();
        Interlocked.Increment(ref _hashed);
        lock (_gate)
        {
            _running.Remove(fingerprint);
            if (isRight)
            {
                Remember(fingerprint);
            }
        }

        return isRight;
    }

    private bool IsRemembered(UInt128 fingerprint)
    {
        if (_newer.Contains(fingerprint))
        {
            return true;
        }

        if (!_older.Contains(fingerprint))
        {
            return false;
        }

        Remember(fingerprint);
        return true;
    }

    private void Remember(UInt128 fingerprint)
    {
        if (_newer.Count >= RememberedEach)
        {
            (_older, _newer) = (_newer, []);
        }

        _newer.Add(fingerprint);
    }

    /// <summary>Of the kept hash and the password together: a password that was changed is not remembered.</summary>
    private UInt128 Fingerprint(PasswordHash hash, ReadOnlySpan<byte> password)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret);
        hmac.AppendData(Encoding.ASCII.GetBytes(hash.Text));
        hmac.AppendData([0]);
        hmac.AppendData(password);
        Span<byte> result = stackalloc byte[32];
        hmac.GetHashAndReset(result);
        return BinaryPrimitives.ReadUInt128BigEndian(result);
    }
}
