using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>What follows the backward pass, always in this order: norm, unscale, clip, step, zero, update the scaler.</summary>
/// <remarks>On the CPU that is two passes over memory, one for the norm and one for all the rest.</remarks>
internal sealed class GradientStep : IDisposable
{
    private readonly FlatParameters _parameters;
    private readonly IOptimizer _optimizer;
    private readonly GradientScaler? _scaler;
    private readonly double _maxNorm;
    private readonly bool _deferNorm;
    private Tensor? _normOnDevice;
    private double _norm;

    /// <summary>Ties the parts together; they stay the caller's.</summary>
    /// <param name="parameters">The parameters that backward passes give gradients to.</param>
    /// <param name="optimizer">An optimizer of the same parameters.</param>
    /// <param name="maxNorm">What the gradients' L2 norm is clipped to; infinite to clip nothing.</param>
    /// <param name="scaler">The scaler whose scaled losses the gradients come from, if any.</param>
    /// <param name="deferNorm">Whether to leave the norm on the device until it is read; <see langword="null"/> does outside the CPU, unless there is a scaler,
    /// which must know it at once.</param>
    /// <exception cref="ArgumentOutOfRangeException">The norm is not above 0.</exception>
    /// <exception cref="ArgumentException">The norm is to be deferred although there is a scaler.</exception>
    public GradientStep(FlatParameters parameters, IOptimizer optimizer, double maxNorm, GradientScaler? scaler = null, bool? deferNorm = null)
    {
        if (!(maxNorm > 0))
            throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, "The norm to clip to must be above 0 (infinite to clip nothing).");
        if (deferNorm == true && scaler is not null)
        {
            throw new ArgumentException("A gradient scaler must know at once whether the gradients overflowed: the norm cannot be deferred.",
                nameof(deferNorm));
        }

        (_parameters, _optimizer, _maxNorm, _scaler) = (parameters, optimizer, maxNorm, scaler);
        _deferNorm = deferNorm ?? (!parameters.OnCpu && scaler is null);
    }

    /// <summary>The last step's gradient norm, unscaled and before clipping. Reading a deferred norm waits for the device.</summary>
    public double GradientNorm
    {
        get
        {
            if (_normOnDevice is not null)
            {
                _norm = _normOnDevice.item<float>();
                ForgetNormOnDevice();
            }
            return _norm;
        }
    }

    /// <summary>Takes the step, or skips it where gradients are not finite; the gradients are zero afterwards.</summary>
    /// <remarks>
    /// With a deferred norm nothing waits for the device, so nothing is skipped either: look at <see cref="GradientNorm"/> at the logging interval.
    /// </remarks>
    /// <returns>Whether the step was taken.</returns>
    public bool Apply(double learningRate)
    {
        ForgetNormOnDevice();
        if (_deferNorm)
        {
            _normOnDevice = _parameters.ClipGradientsOnDevice(_maxNorm).DetachFromDisposeScope();
            _optimizer.Step(learningRate, zeroGradients: true);
            return true;
        }

        double unscale = _scaler?.InverseScale ?? 1.0;
        _norm = _parameters.GradientNorm() * unscale;
        bool finite = double.IsFinite(_norm);
        if (finite)
            _optimizer.Step(learningRate, unscale * FlatParameters.ClipCoefficient(_norm, _maxNorm), zeroGradients: true);
        else
            _parameters.ZeroGradients();
        _scaler?.Update(overflowed: !finite);
        return finite;
    }

    /// <inheritdoc />
    public void Dispose() => ForgetNormOnDevice();

    private void ForgetNormOnDevice()
    {
        _normOnDevice?.Dispose();
        _normOnDevice = null;
    }
}
