using MiniMind.MLNet.Dpo.CpuKernels.Native;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

public sealed class OpenMpThreadsTests
{
    private static readonly string[] s_users = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "DOTNET_PROCESSOR_COUNT"];

    [SkippableTheory] // what .NET is told stands for a quota, which it finds in the same place
    [InlineData("1", null, null, "1")]
    [InlineData("1", "OMP_NUM_THREADS", "3", "3")]
    [InlineData("1", "MKL_NUM_THREADS", "3", null)]
    [InlineData(null, null, null, null)]
    [InlineData("1000", null, null, null)]
    public void Load_ByThisLibrary_TakesNoMoreThreadsThanTheQuotaUnlessTheEnvironmentSaysSomething(
        string? quota, string? variable, string? value, string? threads)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && OpenMpThreads.Allowed(File.ReadLines("/proc/self/status")) > 1, "libgomp's, and one processor is no choice");
        List<(string, string)> variables = [];
        if (quota is not null)
            variables.Add(("DOTNET_PROCESSOR_COUNT", quota));
        if (variable is not null)
            variables.Add((variable, value!));

        string settings = OpenMpSettings.Of(variables, without: s_users);

        settings.Should().Contain($"OMP_NUM_THREADS = '{threads ?? $"{OpenMpThreads.Allowed(File.ReadLines("/proc/self/status"))}"}'");
    }

    [Theory]
    [InlineData("Cpus_allowed_list:\t0-1", 2)]
    [InlineData("Cpus_allowed_list:\t3", 1)]
    [InlineData("Cpus_allowed_list:\t0-3,8,10-11", 7)]
    [InlineData("Cpus_allowed_list:\t", null)]
    [InlineData("Cpus_allowed_list:\tall", null)]
    [InlineData("Cpus_allowed_list:\t5-2", null)]
    [InlineData("Cpus_allowed:\t3", null)]
    public void Allowed_OfAProcess_CountsItsProcessors(string line, int? count) =>
        OpenMpThreads.Allowed(["Name:\tdotnet", line, "Mems_allowed_list:\t0"]).Should().Be(count);
}
