namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

/// <summary>The optimizers as their papers and torch's documentation state them, one number at a time, in double precision.</summary>
internal sealed class OptimizerOracle(OptimizerKind kind, double[] start)
{
    private readonly double[] _first = new double[start.Length];
    private readonly double[] _second = new double[start.Length];
    private int _step;

    public double[] Values { get; } = [.. start];

    public void Step(double[] gradients, double learningRate, Func<int, bool> decays)
    {
        _step++;
        for (int i = 0; i < Values.Length; i++)
        {
            double decay = decays(i) ? OptimizerSetup.WeightDecay : 0;
            switch (kind)
            {
                case OptimizerKind.AdamW:
                    AdamW(i, gradients[i], learningRate, decay);
                    break;
                case OptimizerKind.Sgd or OptimizerKind.SgdWithMomentum:
                    double momentum = kind == OptimizerKind.Sgd ? 0 : OptimizerSetup.Momentum;
                    double penalized = gradients[i] + decay * Values[i];
                    _first[i] = _step == 1 ? penalized : momentum * _first[i] + penalized;
                    Values[i] -= learningRate * _first[i];
                    break;
                default:
                    RmsProp(i, gradients[i] + decay * Values[i], learningRate, kind == OptimizerKind.RmsProp ? 0 : OptimizerSetup.Momentum);
                    break;
            }
        }
    }

    private void AdamW(int i, double gradient, double learningRate, double decay)
    {
        Values[i] -= learningRate * decay * Values[i];
        _first[i] = OptimizerSetup.Beta1 * _first[i] + (1 - OptimizerSetup.Beta1) * gradient;
        _second[i] = OptimizerSetup.Beta2 * _second[i] + (1 - OptimizerSetup.Beta2) * gradient * gradient;
        double mean = _first[i] / (1 - Math.Pow(OptimizerSetup.Beta1, _step));
        double meanSquare = _second[i] / (1 - Math.Pow(OptimizerSetup.Beta2, _step));
        Values[i] -= learningRate * mean / (Math.Sqrt(meanSquare) + OptimizerSetup.Epsilon);
    }

    private void RmsProp(int i, double gradient, double learningRate, double momentum)
    {
        _second[i] = OptimizerSetup.Alpha * _second[i] + (1 - OptimizerSetup.Alpha) * gradient * gradient;
        _first[i] = momentum * _first[i] + gradient / (Math.Sqrt(_second[i]) + OptimizerSetup.Epsilon);
        Values[i] -= learningRate * _first[i];
    }
}
