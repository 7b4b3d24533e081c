using System.Runtime.Versioning;
using FleetMonitor.Service.Commands;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Install;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace FleetMonitor.Tests.Install;

[SupportedOSPlatform("linux")]
public sealed class InstallerTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fleetmonitor-install-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Install_OnAnEmptyMachine_PutsEverythingInItsPlace()
    {
        Install();

        Assert.Equal(File.ReadAllText(Repository.File("config/systemd/fleetmonitor.service")), Text("etc/systemd/system/fleetmonitor.service"));
        Assert.Equal(File.ReadAllText(Repository.File("config/fleetmonitor.json")), Text("etc/fleetmonitor/fleetmonitor.defaults.json"));
        Assert.StartsWith("u fleetmonitor ", Text("etc/sysusers.d/fleetmonitor.conf"), StringComparison.Ordinal);
        Assert.Equal(Installer.Program, new FileInfo(At("usr/local/bin/fleetmonitor")).LinkTarget);
        Assert.True(File.GetUnixFileMode(At("opt/fleetmonitor/fleetmonitor")).HasFlag(UnixFileMode.OtherExecute));
        Assert.True(File.Exists(At("opt/fleetmonitor/fleetmonitor.dll")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("etc/fleetmonitor/secrets.env")));
    }

    [Fact]
    public void UnitAndConfiguration_NameTheSamePlaces_AndTheConfigurationIsSound()
    {
        Install();

        SettingsResult settings = SettingsFile.Read(new ConfigurationBuilder().AddJsonFile(At("etc/fleetmonitor/fleetmonitor.json")).Build());
        Assert.Empty(settings.Problems);
        Assert.Equal("/var/lib/fleetmonitor/ledger", settings.Settings.Ledger.Directory);
        string unit = Text("etc/systemd/system/fleetmonitor.service");
        Assert.Contains($"ExecStart={Installer.Program} run --config {Installer.Config}\n", unit, StringComparison.Ordinal);
        Assert.Contains("EnvironmentFile=-/etc/fleetmonitor/secrets.env\n", unit, StringComparison.Ordinal);
        Assert.Contains("StateDirectory=fleetmonitor\n", unit, StringComparison.Ordinal);
    }

    [Fact]
    public void Install_Twice_ChangesNothing()
    {
        Install();
        DateTime[] before = Times();

        string said = Install();

        Assert.Equal(before, Times());
        Assert.DoesNotContain("wrote", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Upgrade_BringsOursUpToDate_AndLeavesTheSitesAlone()
    {
        Install();
        File.WriteAllText(At("opt/fleetmonitor/fleetmonitor.dll"), "an older program");
        File.WriteAllText(At("etc/systemd/system/fleetmonitor.service"), "an older unit");
        File.WriteAllText(At("etc/fleetmonitor/fleetmonitor.json"), "{\"Fleet\":{}}");
        File.WriteAllText(At("etc/fleetmonitor/secrets.env"), "SECRET=1");
        Directory.CreateDirectory(At("var/lib/fleetmonitor/ledger"));
        File.WriteAllText(At("var/lib/fleetmonitor/ledger/ledger.db"), "the books");

        string said = Install();

        Assert.NotEqual("an older program", Text("opt/fleetmonitor/fleetmonitor.dll"));
        Assert.StartsWith("[Unit]", Text("etc/systemd/system/fleetmonitor.service"), StringComparison.Ordinal);
        Assert.Equal("{\"Fleet\":{}}", Text("etc/fleetmonitor/fleetmonitor.json"));
        Assert.Equal("SECRET=1", Text("etc/fleetmonitor/secrets.env"));
        Assert.Equal("the books", Text("var/lib/fleetmonitor/ledger/ledger.db"));
        Assert.Contains($"wrote    /opt/fleetmonitor  (1 of ", said, StringComparison.Ordinal);
        Assert.Contains($"kept     {Installer.Config}  (yours)", said, StringComparison.Ordinal);
    }

    [Fact]
    public void DryRun_SaysAll_AndWritesNothing()
    {
        using var says = new StringWriter();
        new Installer(_root.FullName, dryRun: true, says).Install();

        Assert.Empty(_root.EnumerateFileSystemInfos());
        Assert.Contains($"would write {Installer.Config}", says.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Command_WithARoot_RunsNothingAndIsDone() =>
        Assert.Equal(ExitCode.Done, RootCommandFactory.Create(TimeProvider.System).Parse(["install", "--root", _root.FullName]).Invoke());

    private string Install()
    {
        using var says = new StringWriter();
        new Installer(_root.FullName, dryRun: false, says).Install();
        return says.ToString();
    }

    private string At(string path) => Path.Combine(_root.FullName, path);

    private string Text(string path) => File.ReadAllText(At(path));

    private DateTime[] Times() =>
        [.. _root.EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal).Select(file => file.LastWriteTimeUtc)];
}
