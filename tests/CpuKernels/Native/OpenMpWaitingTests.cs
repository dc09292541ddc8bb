namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

public sealed class OpenMpWaitingTests
{
    [SkippableTheory]
    [InlineData(null, null, "1000")]
    [InlineData("GOMP_SPINCOUNT", "77", "77")]
    [InlineData("OMP_WAIT_POLICY", "passive", "0")]
    public void Load_ByThisLibrary_LimitsBusyWaitingUnlessTheEnvironmentSaysSomething(string? variable, string? value, string tries)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "libgomp's");

        string settings = OpenMpSettings.Of(variable is null ? [] : [(variable, value!)], without: ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"]);

        settings.Should().Contain($"GOMP_SPINCOUNT = '{tries}'");
    }
}
