namespace MiniMind.MLNet.Dpo;

/// <summary>
/// What a step of several forward passes divides its loss by, and what the learning rate's schedule counts. Both give the same where a step is one batch.
/// </summary>
public enum AccumulationRule
{
    /// <summary>
    /// Every example of a step (pair, or counted token of a conversation) weighs the same, also in the unfinished group at the end of an epoch: a step in
    /// several passes is the same as in one.
    /// The schedule counts optimizer steps. The default.
    /// </summary>
    PerExample,

    /// <summary>
    /// As in MiniMind's scripts: each batch's mean loss is divided by <c>AccumulationSteps</c>, so that the unfinished group at the end of an epoch makes a
    /// smaller step, and the examples of a smaller last batch weigh more. The schedule counts batches, in a warm-up too, and a step has the learning rate of
    /// its last batch.
    /// </summary>
    PerBatch,
}
