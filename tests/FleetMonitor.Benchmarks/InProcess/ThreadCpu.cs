using System.Runtime.InteropServices;

namespace FleetMonitor.Benchmarks.InProcess;

/// <summary>The processor time of the thread that asks, so that what makes the load can be taken off what bears it.</summary>
internal static partial class ThreadCpu
{
    private const int ThreadClock = 3;

    public static double Seconds()
    {
        _ = ClockGetTime(ThreadClock, out Timespec time);
        return time.Seconds + (time.Nanoseconds / 1e9);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ClockGetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
