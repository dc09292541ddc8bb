using MiniMind.MLNet.Dpo.CpuKernels.Native;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

public sealed class ProcessSettingTests
{
    private int _value = 7;
    private int _writes;

    [Fact]
    public void Want_OneAfterTheOther_EachPutsTheValueBack()
    {
        ProcessSetting<int> setting = LastRules();

        using (setting.Want(1))
            _value.Should().Be(1);
        _value.Should().Be(7);
        _value = 8; // what somebody else sets between two runs is what comes back
        using (setting.Want(2))
            _value.Should().Be(2);
        _value.Should().Be(8);
    }

    [Fact]
    public void Want_EndsInEveryOrder_TheLastEndPutsBackWhatWasBeforeTheFirst()
    {
        foreach (int[] order in (int[][])[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
        {
            ProcessSetting<int> setting = LastRules();
            List<IDisposable> runs = [setting.Want(1), setting.Want(2), setting.Want(3)];
            List<int> running = [1, 2, 3];
            _value.Should().Be(3);
            foreach (int run in order)
            {
                _value.Should().Be(running[^1], "the one that began last and still runs rules");
                setting.IsHeld.Should().BeTrue();
                runs[run].Dispose();
                running.Remove(run + 1);
            }
            _value.Should().Be(7, "all have ended in the order {0}", string.Join(", ", order));
            setting.IsHeld.Should().BeFalse();
        }
    }

    [Fact]
    public void BehindRuling_AValueTakenOverFromARun_IsWhatWasBeforeIt()
    {
        ProcessSetting<int> setting = LastRules();

        setting.BehindRuling(7).Should().Be(7, "nothing is wanted");
        using (setting.Want(3))
        {
            setting.BehindRuling(3).Should().Be(7);
            setting.BehindRuling(4).Should().Be(4);
        }
    }

    [Fact]
    public void Want_DisposedTwice_EndsOnce()
    {
        ProcessSetting<int> setting = LastRules();
        IDisposable first = setting.Want(1), second = setting.Want(2);

        second.Dispose();
        second.Dispose();

        _value.Should().Be(1);
        first.Dispose();
        _value.Should().Be(7);
    }

    [Fact]
    public void Want_ValueThatCannotBeWritten_LeavesNothingBehind()
    {
        ProcessSetting<int> setting = new(() => _value, value => _value = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value)),
            wanted => wanted[^1]);

        FluentActions.Invoking(() => setting.Want(-1)).Should().Throw<ArgumentOutOfRangeException>();

        setting.IsHeld.Should().BeFalse();
        setting.Want(3).Dispose();
        _value.Should().Be(7);
    }

    [Fact]
    public void Want_ManyThreads_PutBackWhatWasBefore()
    {
        ProcessSetting<int> setting = LastRules();

        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            for (int i = 0; i < 500; i++)
                setting.Want(thread).Dispose();
        });

        _value.Should().Be(7);
        _writes.Should().Be(16_000, "each beginning and each end writes");
    }

    private ProcessSetting<int> LastRules() => new(
        () => _value,
        value =>
        {
            _value = value;
            _writes++;
        },
        wanted => wanted[^1]);
}
