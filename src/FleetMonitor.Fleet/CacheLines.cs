using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace FleetMonitor.Fleet;

/// <summary>
/// Asks the processor for memory before it is needed. Of many devices, one that reports is in no cache any more, and to wait for its memory takes
/// longer than to meter its reading; who knows which devices come next asks for them while another is at work. On other processors
/// than x86 nothing is asked for, and nothing else changes.
/// </summary>
public static class CacheLines
{
    private const int Line = 64;

    /// <summary>Asks for where a value lies, that is no larger than a line.</summary>
    public static void Prefetch<T>(ref readonly T value) => Prefetch(ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in value)), 1);

    /// <summary>Asks for an object's first bytes.</summary>
    public static void Prefetch(object of, int bytes) => Prefetch(ref Unsafe.As<Contents>(of).First, bytes);

    /// <summary>Asks for bytes from there on.</summary>
    public static unsafe void Prefetch(ref byte from, int bytes)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        // Where the collector moves it meanwhile, the wrong lines are asked for, which does no harm.
        byte* at = (byte*)Unsafe.AsPointer(ref from);
        for (int offset = 0; offset < bytes; offset += Line)
        {
            Sse.Prefetch0(at + offset);
        }
    }

    private sealed class Contents
    {
        public byte First;
    }
}
