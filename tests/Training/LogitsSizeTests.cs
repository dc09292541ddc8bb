using MiniMind.MLNet.Dpo.Training.Heads;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Training;

public sealed class LogitsSizeTests
{
    [Theory]
    [InlineData(512, DeviceType.CPU, 28)]
    [InlineData(6400, DeviceType.CPU, 28)]
    [InlineData(32_000, DeviceType.CPU, 32)] // 256 rows
    [InlineData(151_936, DeviceType.CPU, 128)]
    [InlineData(int.MaxValue, DeviceType.CPU, 128)]
    [InlineData(6400, DeviceType.CUDA, 128)]
    public void FastestMegabytes_OfAVocabulary_StaysBetweenItsBounds(int vocabulary, DeviceType device, int expected) =>
        LogitsSize.FastestMegabytes(vocabulary, device).Should().Be(expected);
}
