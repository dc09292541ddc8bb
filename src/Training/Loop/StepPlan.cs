using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Passes;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Which examples each optimizer step takes, in which forward passes, and on which of several processes: a function of the options alone.</summary>
/// <remarks>
/// A step's examples are a run of the epoch's order, cut into one contiguous part per rank: n ranks take the steps of one with n times the batch.
/// </remarks>
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
        if (_current.Epoch != epoch)
            _current = (epoch, Order(epoch));
        return GroupOf(_current.Order, within);
    }

    /// <summary>The examples of this rank's forward passes of a step, counted from 0; none where a last group is smaller than the number of ranks.</summary>
    public IReadOnlyList<int[]> MicroBatches(long step) => [.. Passes(step).Select(pass => pass.Examples)];

    /// <summary>This rank's forward passes of a step, counted from 0.</summary>
    public IReadOnlyList<PlannedPass> Passes(long step)
    {
        int[] group = Group(step);
        if (_options.Accumulation == AccumulationRule.PerExample)
            return Passes(group, _task.Weight(group));
        return [.. group.Chunk(GroupSize / _options.AccumulationSteps).SelectMany(batch => Passes(batch, _task.Weight(batch) * _options.AccumulationSteps))];
    }

    /// <summary>The learning rate of a step, counted from 0.</summary>
    /// <exception cref="ArgumentException">The schedule does not fit the run.</exception>
    public double LearningRate(long step)
    {
        if (_options.Accumulation == AccumulationRule.PerExample)
            return _options.Schedule.At(step + 1, TotalSteps, _options.LearningRate);
        int batch = GroupSize / _options.AccumulationSteps;
        long perEpoch = (_task.Count + batch - 1) / batch, within = Math.Min((step % StepsPerEpoch + 1) * _options.AccumulationSteps, perEpoch);
        return _options.Schedule.At(step / StepsPerEpoch * perEpoch + within, perEpoch * _options.Epochs, _options.LearningRate);
    }

    private PlannedPass[] Passes(int[] examples, double divisor)
    {
        Shard own = ShardPlan.Part(examples.Length, _ranks, _rank);
        IEnumerable<int[]> batches = examples.Skip(own.Start).Take(own.Count).Chunk(_options.BatchSize);
        return [.. batches.SelectMany(batch => batch.Chunk(PassSize ?? batch.Length)).SelectMany(WithinBudget).Select(pass => new PlannedPass(pass, divisor))];
    }

    private int[] GroupOf(int[] order, int within) => order[(within * GroupSize)..Math.Min((within + 1) * GroupSize, order.Length)];

    private int[] Order(int epoch)
    {
        int[] order = EpochOrder.Of(_task.Count, _options.Seed, epoch, _options.Shuffle);
        int fullSteps = order.Length / GroupSize; // a shorter last group stays last
        if (!_options.LongestFirst || !_options.Shuffle || fullSteps < 2)
            return order;
        // a step counts whole: its largest pass depends on the cut into passes and ranks, with which the order must not change, since runs resume with another
        // cut
        int longest = Enumerable.Range(0, fullSteps).MaxBy(step => _task.Rows(GroupOf(order, step)));
        for (int i = 0; i < GroupSize; i++)
            (order[i], order[longest * GroupSize + i]) = (order[longest * GroupSize + i], order[i]);
        return order;
    }

    private IEnumerable<int[]> WithinBudget(int[] batch) =>
        RowGroups.Of(batch.Length, group => _task.Rows([.. group.Select(i => batch[i])]), batch.Length, _options.RowBudget)
            .Select(group => group.Select(i => batch[i]).ToArray());
}
