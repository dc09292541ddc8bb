using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The three columns of one side of a pair, or of a single conversation.</summary>
internal sealed record ResponseColumns(string InputIds, string Labels, string LossMask)
{
    /// <summary>The columns as inputs of a step, in the order that <see cref="Reader"/> expects.</summary>
    public IReadOnlyList<InputColumn> Inputs =>
    [
        InputColumn.Vector(InputIds, NumberDataViewType.Int32), InputColumn.Vector(Labels, NumberDataViewType.Int32),
            InputColumn.Vector(LossMask, NumberDataViewType.Single),
    ];

    /// <summary>Makes a reader of a live row's response, which is told the row's place for its errors.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">Where in the row's inputs <see cref="Inputs"/> begin.</param>
    /// <param name="vocabularySize">One more than the largest id allowed.</param>
    public Func<string, Response> Reader(InputRow row, int first, int vocabularySize)
    {
        Func<ReadOnlyMemory<int>> ids = row.Vector<int>(first), labels = row.Vector<int>(first + 1);
        Func<ReadOnlyMemory<float>> mask = row.Vector<float>(first + 2);
        return place =>
        {
            int[] inputs = ids().ToArray(), targets = labels().ToArray();
            ReadOnlySpan<float> weights = mask().Span;
            if (inputs.Length != targets.Length || inputs.Length != weights.Length)
            {
                throw new InvalidDataException(
                    $"{place}: '{InputIds}' has {inputs.Length} items, '{Labels}' {targets.Length} and '{LossMask}' {weights.Length}; they must have the " +
                    "same number.");
            }

            Check(place, InputIds, inputs, vocabularySize);
            Check(place, Labels, targets, vocabularySize);
            byte[] counted = new byte[weights.Length];
            for (int i = 0; i < weights.Length; i++)
            {
                if (weights[i] is not (0 or 1))
                    throw new InvalidDataException($"{place}: '{LossMask}' has {weights[i]} at position {i}; a loss mask has only 0 and 1.");
                counted[i] = (byte)weights[i];
            }
            return new Response(inputs, targets, counted);
        };
    }

    private static void Check(string place, string column, int[] ids, int vocabularySize)
    {
        int wrong = Array.FindIndex(ids, id => id < 0 || id >= vocabularySize);
        if (wrong >= 0)
        {
            throw new InvalidDataException(
                $"{place}: '{column}' has token id {ids[wrong]} at position {wrong}, but the model's vocabulary has {vocabularySize} entries. Was it " +
                "tokenized with another model's tokenizer?");
        }
    }
}
