using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Which examples each optimizer step takes, in which forward passes, and on which of several processes: a function of the options alone.</summary>
/// <remarks>A step's examples are a run of the epoch's order, cut into one contiguous part per rank: n ranks take the steps of one with n times the batch.</remarks>
internal sealed class StepPlan
{
    private readonly ITrainingTask _task;
    private readonly LoopOptions _options;
    private readonly int _ranks;
    private readonly int _rank;
    private (int Epoch, int[] Order) _current = (-1, []);

    public StepPlan(ITrainingTask task, LoopOptions options, int ranks = 1, int rank = 0)
    {
        (_task, _options, _ranks, _rank) = (task, options, ranks, rank);
        GroupSize = checked(options.BatchSize * options.AccumulationSteps * ranks);
        StepsPerEpoch = (task.Count + GroupSize - 1) / GroupSize;
    }

    /// <summary>Examples of a step, over all ranks; the last step of an epoch may have fewer.</summary>
    public int GroupSize { get; }

    /// <summary>The most examples of one forward pass, which may be fewer than a batch has; <see langword="null"/> for no such limit.</summary>
    public int? PassSize { get; init; }

    /// <summary>Optimizer steps in one pass over the examples.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public long TotalSteps => (long)StepsPerEpoch * _options.Epochs;

    /// <summary>The examples of a step, counted from 0, over all ranks.</summary>
    public int[] Group(long step)
    {
        (int epoch, int within) = ((int)(step / StepsPerEpoch), (int)(step % StepsPerEpoch));
        if (_current.Epoch != epoch) _current = (epoch, Order(epoch));
        return GroupOf(_current.Order, within);
    }

    /// <summary>This rank's forward passes of a step, counted from 0; none where a last group is smaller than the number of ranks.</summary>
    public IReadOnlyList<int[]> MicroBatches(long step)
    {
        int[] group = Group(step);
        Shard own = ShardPlan.Part(group.Length, _ranks, _rank);
        return [.. group.Skip(own.Start).Take(own.Count).Chunk(_options.BatchSize).SelectMany(batch => batch.Chunk(PassSize ?? batch.Length)).SelectMany(WithinBudget)];
    }

    private int[] GroupOf(int[] order, int within) => order[(within * GroupSize)..Math.Min((within + 1) * GroupSize, order.Length)];

    private int[] Order(int epoch)
    {
        int[] order = EpochOrder.Of(_task.Count, _options.Seed, epoch, _options.Shuffle);
        int fullSteps = order.Length / GroupSize; // a shorter last group stays last
        if (!_options.LongestFirst || fullSteps < 2) return order;
        // a step counts whole: its largest pass depends on the cut into passes and ranks, with which the order must not change, since runs resume with another cut
        int longest = Enumerable.Range(0, fullSteps).MaxBy(step => _task.Rows(GroupOf(order, step)));
        for (int i = 0; i < GroupSize; i++) (order[i], order[longest * GroupSize + i]) = (order[longest * GroupSize + i], order[i]);
        return order;
    }

    private IEnumerable<int[]> WithinBudget(int[] batch) =>
        RowGroups.Of(batch.Length, group => _task.Rows([.. group.Select(i => batch[i])]), batch.Length, _options.RowBudget).Select(group => group.Select(i => batch[i]).ToArray());
}
