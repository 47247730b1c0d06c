package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

const jobUID = types.UID("00000000-0000-4000-8000-000000000001")

// What the pods of a Job read.
type resources struct {
	job        *batchv1.Job
	service    *corev1.Service
	configMaps map[string]map[string][]byte
	secrets    map[string]map[string][]byte
}

// A pod as its kubelet would start it.
type startedPod struct {
	Event     string            `json:"event"`
	Name      string            `json:"name"`
	Index     string            `json:"index"`
	Hostname  string            `json:"hostname"`
	Subdomain string            `json:"subdomain"`
	Command   []string          `json:"command"`
	Env       map[string]string `json:"env"`
	Files     map[string][]byte `json:"files"`
	ReadOnly  bool              `json:"readOnly"`
	NonRoot   bool              `json:"nonRoot"`
}

func readResources(manifest []byte, secretsPath string) (*resources, error) {
	given := &resources{configMaps: map[string]map[string][]byte{}}
	text, err := os.ReadFile(secretsPath)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &given.secrets); err != nil {
		return nil, err
	}
	for _, result := range check(manifest) {
		if len(result.Errors) > 0 {
			return nil, fmt.Errorf("%s: %v", result.Kind, result.Errors)
		}
		switch object := result.object.(type) {
		case *batchv1.Job:
			given.job = object
		case *corev1.Service:
			given.service = object
		case *corev1.ConfigMap:
			given.configMaps[object.Name] = dataOf(object)
		}
	}
	if given.job == nil {
		return nil, fmt.Errorf("the manifest has no Job")
	}
	legacyscheme.Scheme.Default(given.job)
	job := given.job
	if job.Namespace == "" {
		job.Namespace = "default"
	}
	job.UID = jobUID
	// As the API server makes them up.
	own := map[string]string{"batch.kubernetes.io/controller-uid": string(jobUID), "batch.kubernetes.io/job-name": job.Name}
	for name, value := range own {
		job.Spec.Template.Labels[name] = value
	}
	job.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"batch.kubernetes.io/controller-uid": string(jobUID)}}
	return given, nil
}

func (given *resources) started(pod *corev1.Pod) (*startedPod, error) {
	if given.service != nil {
		// Only what the Service selects has a name.
		for name, value := range given.service.Spec.Selector {
			if pod.Labels[name] != value {
				return nil, fmt.Errorf("the Service does not select pod %s: %s is %q", pod.Name, name, pod.Labels[name])
			}
		}
		if pod.Spec.Subdomain != given.service.Name {
			return nil, fmt.Errorf("pod %s has the subdomain %q, which is no Service", pod.Name, pod.Spec.Subdomain)
		}
	}
	container := pod.Spec.Containers[0]
	env, err := given.environment(pod, container)
	if err != nil {
		return nil, err
	}
	files, err := given.mounted(pod, container)
	if err != nil {
		return nil, err
	}
	mapping := expansion.MappingFuncFor(env)
	command := []string{}
	for _, word := range append(append([]string{}, container.Command...), container.Args...) {
		command = append(command, expansion.Expand(word, mapping))
	}
	return &startedPod{
		Event: "pod", Name: pod.Name, Index: env["JOB_COMPLETION_INDEX"], Hostname: pod.Spec.Hostname,
		Subdomain: pod.Spec.Subdomain, Command: command, Env: env, Files: files,
		ReadOnly: container.SecurityContext != nil && *container.SecurityContext.ReadOnlyRootFilesystem,
		NonRoot:  pod.Spec.SecurityContext != nil && *pod.Spec.SecurityContext.RunAsNonRoot,
	}, nil
}

func (given *resources) environment(pod *corev1.Pod, container corev1.Container) (map[string]string, error) {
	env := map[string]string{}
	for _, variable := range container.Env {
		value, err := variable.Value, error(nil)
		if from := variable.ValueFrom; from != nil {
			switch {
			case from.FieldRef != nil:
				value, err = fieldpath.ExtractFieldPathAsString(pod, from.FieldRef.FieldPath)
			case from.SecretKeyRef != nil:
				secret, isThere := given.secrets[from.SecretKeyRef.Name][from.SecretKeyRef.Key]
				if !isThere {
					err = fmt.Errorf("there is no key %s in the Secret %s", from.SecretKeyRef.Key, from.SecretKeyRef.Name)
				}
				value = string(secret)
			default:
				err = fmt.Errorf("%s comes from something that the manifest should not use", variable.Name)
			}
		}
		if err != nil {
			return nil, err
		}
		env[variable.Name] = value
	}
	return env, nil
}

func (given *resources) mounted(pod *corev1.Pod, container corev1.Container) (map[string][]byte, error) {
	volumes := map[string]map[string][]byte{}
	for _, volume := range pod.Spec.Volumes {
		var source map[string][]byte
		var items []corev1.KeyToPath
		switch {
		case volume.ConfigMap != nil:
			source, items = given.configMaps[volume.ConfigMap.Name], volume.ConfigMap.Items
		case volume.Secret != nil:
			source, items = given.secrets[volume.Secret.SecretName], volume.Secret.Items
		}
		if source == nil {
			return nil, fmt.Errorf("volume %s is of something that is not there", volume.Name)
		}
		files := source
		if items != nil {
			files = map[string][]byte{}
			for _, item := range items {
				content, isThere := source[item.Key]
				if !isThere {
					return nil, fmt.Errorf("volume %s wants the key %s, which is not there", volume.Name, item.Key)
				}
				files[item.Path] = content
			}
		}
		volumes[volume.Name] = files
	}
	mounted := map[string][]byte{}
	for _, mount := range container.VolumeMounts {
		for name, content := range volumes[mount.Name] {
			mounted[path.Join(mount.MountPath, name)] = content
		}
	}
	return mounted, nil
}
