using System.Diagnostics;
using Xunit;

namespace FleetMonitor.RealServers.Servers;

/// <summary>A disk of a few megabytes in memory, mounted on a folder: it can be filled, enlarged and made read-only.</summary>
public sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <param name="folder">Made where it is not there yet.</param>
    public static SmallDisk Mount(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder);
        return new SmallDisk(folder);
    }

    /// <summary>Whether this user may mount, which is tried out.</summary>
    public static bool IsAllowed()
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-mount-").FullName;
        try
        {
            Mount(folder, 1).Dispose();
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    /// <summary>What is on it.</summary>
    public long UsedBytes
    {
        get
        {
            var drive = new DriveInfo(Folder);
            return drive.TotalSize - drive.TotalFreeSpace;
        }
    }

    public void Resize(int megabytes) => Run("mount", "-o", $"remount,size={megabytes}m", Folder);

    /// <summary>Leaves a megabyte or two. A disk can't become smaller than what is on it, which may have grown since it was looked at.</summary>
    public void LeaveHardlyAnything()
    {
        for (int tries = 10; ; tries--)
        {
            try
            {
                Resize((int)(UsedBytes / (1024 * 1024)) + 2);
                return;
            }
            catch (InvalidOperationException) when (tries > 1)
            {
                // It is being written to: look again.
            }
        }
    }

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", Folder);

    public void Dispose() => Run("umount", "-l", Folder);

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {errors}");
        }
    }
}

/// <summary>A test that mounts a disk of its own; skipped, visibly, where the user may not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly bool IsAllowed = SmallDisk.IsAllowed();

    public SmallDiskFactAttribute()
    {
        if (!IsAllowed)
        {
            Skip = "this user may not mount a disk";
        }
    }
}
