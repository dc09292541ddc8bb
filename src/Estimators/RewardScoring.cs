using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Rewards of conversations as a batch-wise step on a data view.</summary>
internal sealed class RewardScoring(ResponseScorer scorer, ConversationPreparation preparation, RewardSettings settings, int batchSize) : IBatchComputation
{
    public IReadOnlyList<InputColumn> Inputs { get; } = [InputColumn.Text(settings.ConversationColumnName)];

    public IReadOnlyList<OutputColumn> Outputs { get; } = [new(settings.OutputColumnName, NumberDataViewType.Single, 0)];

    public int BatchSize => batchSize;

    public IReadOnlyList<bool> Known(IReadOnlyList<bool> isActive) => isActive;

    public IRowBatch CreateBatch(InputRow row, IReadOnlyList<bool> isActive) => new Batch(this, row);

    private void ThrowIfReleased() => scorer.ThrowIfReleased();

    private Response Prepare(string conversation) => preparation.Of(conversation);

    private float[] Rewards(IReadOnlyList<Response> responses)
    {
        float[] rewards = new float[responses.Count];
        Array.Fill(rewards, float.NaN);
        int[] usable = [.. Enumerable.Range(0, responses.Count).Where(i => responses[i].LossTokens > 0)];
        if (usable.Length == 0)
            return rewards;
        BatchRows rows = BatchBuilder.Responses([.. usable.Select(i => responses[i])], BatchShape.Packed, headOnResponseOnly: true, 0, 0,
            balanceRealTokensOnly: false);
        double[] scored = scorer.Rewards(rows, scorer.LogProbs(rows));
        for (int i = 0; i < usable.Length; i++)
            rewards[usable[i]] = (float)scored[i];
        return rewards;
    }

    private sealed class Batch(RewardScoring scoring, InputRow row) : IRowBatch
    {
        private readonly Func<ReadOnlyMemory<char>> _conversation = row.Text(0);
        private readonly List<Response> _responses = [];
        private float[] _rewards = [];

        public object Results
        {
            get => _rewards;
            set
            {
                scoring.ThrowIfReleased();
                _rewards = (float[])value;
            }
        }

        public void Clear() => _responses.Clear();

        public void Add()
        {
            string conversation = _conversation().ToString();
            _responses.Add(row.Explain(scoring.Inputs[0].Name, conversation, () => scoring.Prepare(conversation)));
        }

        public void Compute() => _rewards = scoring.Rewards(_responses);

        public Delegate CreateGetter(int output, RowPlace place) => place.Getter(i => _rewards[i]);
    }
}
